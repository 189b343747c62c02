// Asks the IAM evaluator for one verdict. Holds no expectation of its own.

import { readFile } from 'node:fs/promises'
import { runSimulation } from '@cloud-copilot/iam-simulate'

export const ACCOUNT = '111122223333'
export const SCOPES = ['console', 'everything']

// What AdministratorAccess says.
const ADMINISTRATOR = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}

/** The text of a quarantine document, as it is deployed. */
export function quarantineText(scope) {
  return readFile(new URL(`../../policies/quarantine-${scope}.json`, import.meta.url), 'utf8')
}

/** The parsed quarantine document of a scope. */
export async function quarantine(scope) {
  return JSON.parse(await quarantineText(scope))
}

/**
 * `Allowed`, `ExplicitlyDenied` or `ImplicitlyDenied`, for a caller who has the document attached.
 *
 * A request that the evaluator does not understand, such as a misspelt action, an ARN that the action does
 * not take, or a context key that it would leave out, is a mistake in the tests and throws.
 */
export async function verdict(document, one) {
  const outcome = await runSimulation(simulation(document, one), {})
  const { request, resource } = one
  if (outcome.resultType !== 'single') {
    const why = JSON.stringify(outcome.errors ?? outcome.resultType)
    throw new Error(`\`${request.action}\` on ${resource} cannot be evaluated: ${why}`)
  }
  if (outcome.result.ignoredContextKeys.length > 0) {
    throw new Error(`\`${request.action}\` does not take ${outcome.result.ignoredContextKeys.join(', ')}`)
  }
  return outcome.overallResult
}

function simulation(document, { caller, session, request, resource }) {
  const identityPolicies = [{ name: 'quarantine', policy: document }]
  if (caller.administrator) {
    identityPolicies.push({ name: 'administrator', policy: ADMINISTRATOR })
  }
  return {
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
  }
}
