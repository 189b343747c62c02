// Who gets in from outside: who may assume the roles, and which services may use the topic, the key and the queues.

import { describe } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { FUNCTIONS, ROLES } from './role-table.mjs'
import { STACKS, callByRole, resourcePolicy } from './stacks.mjs'
import { readTable, requestsOf } from './tables.mjs'

const ASSUMED_BY = {
  ...Object.fromEntries(FUNCTIONS.map((name) => [name, 'lambda'])),
  schedule: 'scheduler',
  forward: 'events',
  'forward-admin': 'cloudformation',
}
const SERVICES = ['lambda', 'scheduler', 'events', 'cloudformation', 'cloudwatch', 'ec2', 's3']
const DOORS = Object.entries(await readTable('doors')).flatMap(([section, rows]) =>
  rows.map((row) => ({ ...row, title: `${section}: ${row.title}` })),
)

/** For what a service acts. Scheduler names the group of a schedule. */
const sourceOf = (service) => (service === 'scheduler' ? 'scheduler:here:schedule-group/default' : '@ForwardStackSet')

/** The cases of a row, for a service, which has no policies of its own. */
function casesOf(stack, { service, expected, ...row }) {
  return requestsOf(row, stack).map((request) => ({
    policies: { resource: resourcePolicy(stack, request.resource) },
    request: {
      ...request,
      principal: `${service}.amazonaws.com`,
      account: stack.account,
      context: { 'aws:SecureTransport': 'true', ...request.context },
    },
    expected,
  }))
}

/** The cases for a role: who may assume it. Events and CloudFormation say for whom they act. */
function assumptionsOf(stack, role) {
  const resource = stack.roles[role].arn
  const byService = (service, action, source, expected) =>
    casesOf(stack, { service, action, target: resource, context: `for ${source}`, expected })
  const byRole = (other, action, expected) => ({ ...callByRole(stack, other, { action, resource }), expected })
  return [
    ...SERVICES.flatMap((service) => [
      ...byService(service, 'sts:AssumeRole', sourceOf(service), service === ASSUMED_BY[role] ? 'Allowed' : 'Denied'),
      ...byService(service, 'sts:TagSession', sourceOf(service), 'Denied'),
    ]),
    ...['events', 'cloudformation'].flatMap((service) =>
      byService(service, 'sts:AssumeRole', 'cloudformation:foreign:stackset/<stack>-forward:0a1b2c3d', 'Denied'),
    ),
    ...['scheduler:foreign:schedule-group/default', 'scheduler:here:schedule-group/others'].flatMap((source) =>
      byService('scheduler', 'sts:AssumeRole', source, 'Denied'),
    ),
    ...byService('ec2', 'sts:AssumeRole', sourceOf('scheduler'), 'Denied'),
    ...ROLES.flatMap((other) => [
      byRole(other, 'sts:AssumeRole', `${other} ${role}` === 'forward-admin forward-exec' ? 'Allowed' : 'Denied'),
      byRole(other, 'sts:TagSession', 'Denied'),
    ]),
  ]
}

/** The rule about mail is there only where SES sends it from here. */
const ofMail = (stack) =>
  casesOf(stack, {
    service: 'events',
    action: 'sqs:SendMessage',
    target: '@DeadLetters',
    context: 'for events:here:rule/<stack>-mail',
    expected: stack.mail ? 'Allowed' : 'Denied',
  })

/** The key and the queues leave roles to their policies. Topic and queues refuse even them without TLS. */
const callsByRoles = (stack) =>
  [
    ['sweep', 'kms:Decrypt', 'AlertsKey', { 'kms:ViaService': `sns.${stack.region}.${stack.urlSuffix}` }, 'Allowed'],
    ['sweep', 'sns:Publish', 'AlertsTopic', PLAIN, 'ExplicitlyDenied'],
    ['sweep', 'sqs:SendMessage', 'DeadLetters', PLAIN, 'ExplicitlyDenied'],
    ['schedule', 'sqs:SendMessage', 'SweepQueue', {}, 'Allowed'],
    ['schedule', 'sqs:SendMessage', 'SweepQueue', PLAIN, 'ExplicitlyDenied'],
    ['schedule', 'sqs:SendMessage', 'SweepDeadLetters', {}, 'ImplicitlyDenied'],
    ['schedule', 'sqs:SendMessage', 'SweepDeadLetters', PLAIN, 'ExplicitlyDenied'],
    ['sweep', 's3:ListBucket', 'EvidenceBucket', RECORDS, 'Allowed'],
    ['sweep', 's3:ListBucket', 'EvidenceBucket', { ...RECORDS, ...PLAIN }, 'ExplicitlyDenied'],
    ['sweep', 's3:PutObject', 'EvidenceBucket', OURS, 'Allowed', RECORD],
    ['sweep', 's3:PutObject', 'EvidenceBucket', { ...OURS, ...PLAIN }, 'ExplicitlyDenied', RECORD],
  ].map(([role, action, id, context, expected, path = '']) => ({
    ...callByRole(stack, role, { action, resource: `${stack.arns[id]}${path}`, context }),
    expected,
  }))

const OURS = { 's3:ResourceAccount': '123456789012' }
const RECORDS = { 's3:prefix': 'evidence/123456789012/', ...OURS }
const RECORD = '/evidence/123456789012/2026/11/27/x/record.json'
const PLAIN = { 'aws:SecureTransport': 'false' }
const NAMED_TWICE = 'the ARN in the other condition names the account as well'
const ALWAYS_THERE = 'AWS says of every request whether it is encrypted'
/** Mutants in which nothing changes, and why. */
const IDLE = {
  'the trust of forward-admin has no StringEquals in statement 1': NAMED_TWICE,
  'the trust of schedule has no StringEquals for aws:SourceAccount in statement 1': NAMED_TWICE,
  'has no StringEquals in AlarmsOfThisStackMayPublish': NAMED_TWICE,
  'has no StringEquals in RulesOfThisAccountMaySend': NAMED_TWICE,
  'has BoolIfExists instead of Bool in OnlyEncryptedOnTheWay': ALWAYS_THERE,
  'adds sns:* in Action of OnlyEncryptedOnTheWay': 'nothing else is done to the topic without TLS',
}

for (const stack of STACKS) {
  const all = [
    ...ROLES.flatMap((role) => assumptionsOf(stack, role)),
    ...DOORS.flatMap((row) => casesOf(stack, row)),
    ...ofMail(stack),
    ...callsByRoles(stack),
  ]
  describe(`in the stack ${stack.title}`, () => {
    for (const role of ROLES) {
      checks(`${ASSUMED_BY[role] ?? 'only forward-admin'} assumes the role ${role}`, assumptionsOf(stack, role))
    }
    for (const row of DOORS) checks(`${row.title} (${row.action})`, casesOf(stack, row))
    checks(`the rule about mail ${stack.mail ? 'sends' : 'does not send'}`, ofMail(stack))
    checks('the resources agree with the policies of roles, but not without TLS', callsByRoles(stack))
    for (const role of ROLES)
      checksThatMutantsAreNoticed(`the trust of ${role}`, stack.roles[role].trust, all, { idle: IDLE })
    for (const [arn, policy] of Object.entries(stack.resourcePolicies)) {
      checksThatMutantsAreNoticed(`the policy of ${arn.split(':')[2]} ${arn.split(':').pop()}`, policy, all, {
        idle: IDLE,
      })
    }
  })
}
