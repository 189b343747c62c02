// The stacks that the templates make, as the evaluator needs them.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { requestsOf } from './tables.mjs'

export const ROOT = new URL('../../', import.meta.url)

/** The text of a file of the repository. */
export const text = (path) => readFile(new URL(path, ROOT), 'utf8')

/** A document in policies/. */
export const policyFile = async (name) => JSON.parse(await text(`policies/${name}`))

/** What the code tells the rest of the repository. */
export const CONTRACT = JSON.parse(await text('contract/contract.json'))

/** Stacks in several partitions. */
export const STACKS = (await run('tests.stack.roles')).map((stack) => ({
  ...stack,
  roles: shared(stack.roles),
  arns: arns(stack),
}))

/** What a program of the tests prints, as an object. `make policy` runs each once for all files of tests. */
export async function run(module) {
  if (process.env.PRINTED) return JSON.parse(await readFile(`${process.env.PRINTED}/${module}.json`, 'utf8'))
  const root = fileURLToPath(ROOT)
  const python = process.env.PYTHON ?? `${root}/.venv/bin/python`
  const options = { cwd: root, maxBuffer: 2 ** 24 }
  return JSON.parse((await promisify(execFile)(python, ['-m', module], options)).stdout)
}

/** The roles, with one object for a policy that several of them share. */
export function shared(roles) {
  const known = new Map()
  return JSON.parse(JSON.stringify(roles), (key, value) => {
    if (key !== 'policy') return value
    const text = JSON.stringify(value)
    if (!known.has(text)) known.set(text, value)
    return known.get(text)
  })
}

/** ARNs by logical ID, and by a few names of our own. */
function arns({ partition, account, region, stack, uuid, scope, arns, elsewhere }) {
  const stackArn = (region, name) => `arn:${partition}:cloudformation:${region}:${account}:stack/${name}/${uuid}`
  const quarantine = [arns.ConsoleQuarantinePolicy, arns.EverythingQuarantinePolicy]
  const [own, other] = scope === 'console' ? quarantine : quarantine.toReversed()
  return Object.fromEntries([
    // For its streams, the ARN of a log group ends with an asterisk.
    ...Object.entries(arns).map(([id, arn]) => [id, arn.replace(/:\*$/, '')]),
    ...Object.entries(elsewhere.arns).map(([id, arn]) => [`${id}Elsewhere`, arn]),
    ['scope', own],
    ['otherScope', other],
    ['StackItself', stackArn(region, stack)],
    ['StackElsewhere', stackArn(elsewhere.region, elsewhere.stack)],
  ])
}

/** The policy of a resource itself. */
export function resourcePolicy({ partition, account, roles = {}, resourcePolicies = {} }, resource) {
  const role = Object.values(roles).find(({ arn }) => arn === resource)
  if (role) return role.trust
  if (resource in resourcePolicies) return resourcePolicies[resource]
  // The policy of a bucket is about its objects as well.
  const [bucket] = resource.split('/')
  if (bucket in resourcePolicies) return resourcePolicies[bucket]
  const open = (action, more) => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${account}:root` }, Action: action, ...more },
    ],
  })
  // Keys and roles outside the stack leave it to the account's policies, so that only our own can refuse.
  if (/:role\//.test(resource)) return open('sts:AssumeRole')
  if (/:kms:.*:key\//.test(resource)) return open('kms:*', { Resource: '*' })
  return undefined
}

/** The requests of a row by a role of a stack, each with the policies that decide about it. */
export function roleRequests(stack, role, row) {
  return requestsOf(row, stack, role).map((request) => callByRole(stack, role, request))
}

/** A call by a role of a stack, with the policies that decide about it. */
export function callByRole(stack, role, { action, resource, context }) {
  const { arn, policies } = stack.roles[role]
  return {
    policies: { identity: policies.map(({ policy }) => policy), resource: resourcePolicy(stack, resource) },
    request: {
      // A role's session calls, not the role. Its ARN does not have the role's path.
      principal: `${arn.replace(':iam:', ':sts:').replace(/:role\/(.*\/)?/, ':assumed-role/')}/session`,
      account: stack.account,
      action,
      resource,
      context: { 'aws:SecureTransport': 'true', ...context },
    },
  }
}
