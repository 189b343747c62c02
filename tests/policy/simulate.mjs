// Asks the IAM evaluator for a verdict. Knows nothing of this project.

import { runSimulation } from '@cloud-copilot/iam-simulate'

/** What AdministratorAccess says, and what FullAWSAccess says of an organization. */
export const EVERYTHING = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}

/** Whether a request is allowed. */
export async function isAllowed(policies, request) {
  return (await evaluate(policies, request)) === 'Allowed'
}

/**
 * `Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`.
 *
 * `policies` are documents: `identity`, a list for the caller; `boundary`, the caller's permissions boundary;
 * `controls`, a list of service control policies; `session`, the policy of the caller's session; and `resource`, the
 * policy of the resource itself. `request` has `principal`, `account`, `action`, `resource` and `context`, and `owner` if
 * the resource is in another account than the caller and its ARN does not say so. A request that the evaluator does not
 * understand throws: a misspelled action, an ARN that the action does not take, or a context key that it would ignore.
 */
export async function evaluate(policies, request) {
  if (/^\+\d+$/.test(request.resource)) return evaluateTextMessage(policies, request)
  const { principal, account, owner = account, action, resource, context } = request
  const { identity = [], boundary, controls = [], session, resource: resourcePolicy } = policies
  const named = (documents) => documents.map((policy, index) => ({ name: `${index}`, policy }))
  const outcome = await runSimulation(
    {
      request: {
        principal,
        action,
        // AWS's own policies are open to every account.
        resource: { resource, accountId: resource.split(':')[4]?.replace(/^aws$/, '') || owner },
        contextVariables: context,
      },
      identityPolicies: named(identity),
      serviceControlPolicies: controls.length ? [{ orgIdentifier: account, policies: named(controls) }] : [],
      resourceControlPolicies: [],
      resourcePolicy,
      sessionPolicy: session,
      permissionBoundaryPolicies: boundary && named([boundary]),
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

/**
 * The verdict on a text message. Its resource is a phone number, and the evaluator knows publishing only to ARNs.
 * So the statements about publishing are asked about another action, which takes no ARN either.
 */
function evaluateTextMessage(policies, request) {
  const action = 'sns:CheckIfPhoneNumberIsOptedOut'
  const renamed = JSON.parse(JSON.stringify(policies).replaceAll('"sns:Publish"', `"${action}"`))
  return evaluate(renamed, { ...request, action, resource: '*' })
}
