// Asks the IAM evaluator for one verdict. Holds no expectation of its own.

import { readFile } from 'node:fs/promises'
import { runSimulation } from '@cloud-copilot/iam-simulate'

export const ACCOUNT = '111122223333'
export const SCOPES = ['console', 'everything']

// What AdministratorAccess says, and what FullAWSAccess says of an organization.
const EVERYTHING = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}

/** The text of a document in `policies/`, as it is deployed. */
export function text(file) {
  return readFile(new URL(`../../policies/${file}`, import.meta.url), 'utf8')
}

/** The text of a quarantine document, as it is deployed. */
export function quarantineText(scope) {
  return text(`quarantine-${scope}.json`)
}

/** The parsed quarantine document of a scope. */
export async function quarantine(scope) {
  return JSON.parse(await quarantineText(scope))
}

/** `Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`, for a caller who has the document attached. */
export function verdict(document, { caller, session, request, resource }) {
  const identityPolicies = [{ name: 'quarantine', policy: document }]
  if (caller.administrator) {
    identityPolicies.push({ name: 'administrator', policy: EVERYTHING })
  }
  return evaluated({
    request: {
      principal: caller.arn,
      action: request.action,
      resource: { resource, accountId: ACCOUNT },
      contextVariables: { 'aws:username': caller.name, ...session.context, ...request.context },
    },
    identityPolicies,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: request.resourcePolicy?.(caller),
  })
}

/** The same for an administrator of an account that has the document as a service control policy. */
export function verdictUnderControl(document, { caller, request, resource }) {
  return evaluated({
    request: {
      principal: caller.arn,
      action: request.action,
      resource: { resource, accountId: ACCOUNT },
      // The evaluator doesn't derive it. Of a role's session it is the role's own ARN.
      contextVariables: { 'aws:PrincipalArn': caller.principalArn, ...request.context?.(caller) },
    },
    identityPolicies: [{ name: 'administrator', policy: EVERYTHING }],
    serviceControlPolicies: [
      {
        orgIdentifier: ACCOUNT,
        policies: [
          { name: 'everything', policy: EVERYTHING },
          { name: 'control', policy: document },
        ],
      },
    ],
    resourceControlPolicies: [],
  })
}

/**
 * What the evaluator says.
 *
 * A request that it does not understand, such as a misspelt action, an ARN that the action does not take, or a
 * context key that it would leave out, is a mistake in the tests and throws.
 */
async function evaluated(simulation) {
  const outcome = await runSimulation(simulation, {})
  const { action, resource } = simulation.request
  if (outcome.resultType !== 'single') {
    const why = JSON.stringify(outcome.errors ?? outcome.resultType)
    throw new Error(`\`${action}\` on ${resource.resource} cannot be evaluated: ${why}`)
  }
  if (outcome.result.ignoredContextKeys.length > 0) {
    throw new Error(`\`${action}\` does not take ${outcome.result.ignoredContextKeys.join(', ')}`)
  }
  return outcome.overallResult
}
