// The roles of the stack, as a deployment makes them, in front of the evaluator. Holds no expectation of its own.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What the templates make, in several partitions, with names and ARNs filled in. */
export const DEPLOYMENTS = JSON.parse(await rolesOfTheTemplates())

async function rolesOfTheTemplates() {
  const python = process.env.PYTHON ?? `${ROOT}/.venv/bin/python`
  try {
    const options = { cwd: ROOT, maxBuffer: 2 ** 24 }
    return (await promisify(execFile)(python, ['-m', 'tests.stack.roles'], options)).stdout
  } catch (cause) {
    throw new Error('the templates cannot be read; `make policy` installs what that needs', { cause })
  }
}

/**
 * `Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`, for a call of a role in a deployment.
 *
 * The policy of the resource, such as that of the topic, has its say as well. A call that the evaluator does not
 * understand is a mistake in the tests and throws.
 */
export function ask(deployment, role, call) {
  const { arn, policies } = deployment.roles[role]
  // A role's session calls, not the role.
  const principal = `${arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/session`
  return evaluate(deployment, principal, policies, call)
}

/** The same for a service of AWS, which has no policies: the resource's own policy says all. */
export function askForService(deployment, service, call) {
  return evaluate(deployment, service, [], call)
}

async function evaluate(deployment, principal, policies, { action, resource, context = {}, resourcePolicy }) {
  const { account } = deployment
  const outcome = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId: resource.split(':')[4] || account },
        contextVariables: { 'aws:SecureTransport': 'true', ...context },
      },
      identityPolicies: policies,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: resourcePolicy ?? ownPolicy(deployment, resource),
    },
    {},
  )
  if (outcome.resultType !== 'single') {
    const why = JSON.stringify(outcome.errors ?? outcome.resultType)
    throw new Error(`\`${action}\` on ${resource} cannot be evaluated: ${why}`)
  }
  const ignored = outcome.result.ignoredContextKeys
  if (ignored.length > 0) throw new Error(`\`${action}\` does not take ${ignored.join(', ')}`)
  return outcome.overallResult
}

/** The policy of a resource itself: of the stack's own, or the usual one of keys and roles. */
function ownPolicy({ partition, account, roles, resourcePolicies }, resource) {
  const role = Object.values(roles).find(({ arn }) => arn === resource)
  if (role) return role.trust
  if (resource in resourcePolicies) return resourcePolicies[resource]
  const open = (action, resources) => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${account}:root` }, Action: action, ...resources },
    ],
  })
  // Somebody else's, which leave it to the account's policies: so that only our own can refuse.
  if (/:role\//.test(resource)) return open('sts:AssumeRole', {})
  if (/:kms:.*:key\//.test(resource)) return open('kms:*', { Resource: '*' })
  return undefined
}

/**
 * The verdict on a text message. It goes to a number, which is no ARN, and the evaluator knows publishing to
 * ARNs alone; so the statements about publishing are asked about another action, which takes no ARN either.
 */
export function askForPhone(deployment, role) {
  const action = 'sns:CheckIfPhoneNumberIsOptedOut'
  const policies = JSON.parse(
    JSON.stringify(deployment.roles[role].policies).replaceAll('"sns:Publish"', `"${action}"`),
  )
  const asked = { ...deployment, roles: { ...deployment.roles, [role]: { ...deployment.roles[role], policies } } }
  return ask(asked, role, { action, resource: '*' })
}
