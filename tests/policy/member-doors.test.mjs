// How events leave an account for the hub: who uses the roles and queues of the rules, and who puts what on the bus.

import { describe } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { MEMBERS } from './members.mjs'

const NAMED_TWICE = 'the ARN in the other condition names the account as well'
/** Mutants in which nothing changes, and why. */
const IDLE = {
  'has no StringEquals in statement 1': NAMED_TWICE,
  'has no StringEquals in TheRulesMaySend': NAMED_TWICE,
  'has BoolIfExists instead of Bool in OnlyEncryptedOnTheWay': 'AWS says of every request whether it is encrypted',
  'adds events:* in Action of PutOnTheBusOfTheHub': 'the policy of the bus lets them do nothing else with it',
}

/** A service uses the role of rules, or their queue, for a rule or for something else. */
const byService = ({ account }, { resource, policy }, { service = 'events', action, source, secure = 'true' }) => ({
  policies: { resource: policy },
  request: {
    ...{ principal: `${service}.amazonaws.com`, account, action, resource },
    context: {
      ...(source && { 'aws:SourceArn': source, 'aws:SourceAccount': source.split(':')[4] }),
      ...(action.startsWith('sqs:') && { 'aws:SecureTransport': secure }),
    },
  },
})

/** The roles of the rules and their queues: for these rules, and for nothing else. */
const rulesOf = (member) =>
  Object.entries(member.forwarding).flatMap(([region, { arn, trust, rules }]) => {
    const queue = region === member.region ? member.arns.DeadLetters : member.arns.DeadLettersElsewhere
    const [rule] = rules
    const wrong = [`${rule}-x`, rule.replace(member.account, '444455556666'), rule.replace(/rule\/.*/, 'rule/payments')]
    return [
      { resource: arn, policy: trust, action: 'sts:AssumeRole', other: 'sts:TagSession' },
      { resource: queue, policy: member.resourcePolicies[queue], action: 'sqs:SendMessage', other: 'sqs:PurgeQueue' },
    ].flatMap(({ action, other, ...door }) => [
      ...rules.map((source) => ({ ...byService(member, door, { action, source }), expected: 'Allowed' })),
      ...[
        ...wrong.map((source) => ({ action, source })),
        { action },
        { action, source: rule, service: 'scheduler' },
        { action: other, source: rule },
        ...(door.resource === queue
          ? [
              { action, source: rule, secure: 'false' },
              { action: other, secure: 'false' },
            ]
          : []),
      ].map((call) => ({ ...byService(member, door, call), expected: 'Denied' })),
    ])
  })

/** A call by the role of rules, on the hub's bus if nothing else is named. `more` is what else that role may do. */
function callsOfRules(member, { action = 'events:PutEvents', resource = member.hub.bus, more, ...rest }) {
  const { organization = member.organization, expected = 'Denied' } = rest
  const isOfHub = resource.split(':')[4] === member.hub.account
  return Object.values(member.forwarding).map(({ arn, policies }) => ({
    policies: {
      identity: [...policies.map(({ policy }) => policy), ...(more ? [more] : [])],
      resource: isOfHub ? member.hub.busPolicy : undefined,
    },
    request: {
      principal: `${arn.replace(':iam:', ':sts:').replace(/:role\/(.*\/)?/, ':assumed-role/')}/session`,
      account: member.account,
      action,
      resource,
      context: organization ? { 'aws:PrincipalOrgID': organization } : {},
    },
    expected,
  }))
}

const EVENTS = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'events:*', Resource: '*' }] }

function busCasesOf(member) {
  const { bus, account } = member.hub
  const onBus = ['DescribeEventBus', 'UpdateEventBus', 'DeleteEventBus'].map((name) => ({ action: `events:${name}` }))
  const onRule = ['PutRule', 'PutTargets', 'DisableRule', 'DeleteRule'].map((name) => ({
    action: `events:${name}`,
    resource: `${bus.replace(':event-bus/', ':rule/')}/any`,
  }))
  const here = (resource) => resource.replace(account, member.account)
  return [
    { expected: 'Allowed' },
    { organization: 'o-zzzzzzzzzz' },
    { organization: '' },
    // Even if their own account let them.
    ...[...onBus, ...onRule].map((call) => ({ ...call, more: EVENTS })),
    // In their own account, where nothing but this permission decides.
    ...onRule.map(({ action, resource }) => ({ action, resource: here(resource) })),
    { resource: here(bus) },
    { resource: here(bus).replace(/[^/]*$/, 'default') },
  ].flatMap((call) => callsOfRules(member, call))
}

for (const member of MEMBERS) {
  describe(`in the member ${member.title}`, () => {
    const rules = rulesOf(member)
    checks('the rules alone use their role and their queue', rules)
    for (const policy of new Set(rules.map(({ policies }) => policies.resource))) {
      checksThatMutantsAreNoticed('the door of a rule', policy, rules, { idle: IDLE })
    }
    const bus = busCasesOf(member)
    checks("members put events on the hub's bus, and that is all", bus)
    checksThatMutantsAreNoticed("the policy of the hub's bus", member.hub.busPolicy, bus)
    const policies = Object.values(member.forwarding).map(({ policies: [{ policy }] }) => policy)
    for (const policy of policies)
      checksThatMutantsAreNoticed('the permission of the rules', policy, bus, { idle: IDLE })
  })
}
