// What the hub may do in an account of its organization: who assumes which role, and what the role may do.

import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { ASSUMED_BY, CALLS, ESCALATIONS, MEMBERS, MEMBER_ROLES, assumption, may } from './members.mjs'
import { CONTRACT, roleRequests } from './stacks.mjs'

const ROWS = [...CALLS, ...ESCALATIONS]
/** Mutants in which nothing changes, and why. */
const IDLE = {
  'takes every principal in statement 1': 'the ARNs in the condition name the account of the hub as well',
  'takes every resource in ReadPolicies': 'the policies of other accounts are out of reach anyway',
  'takes every resource in SeeWhetherATrailLogs': 'these calls are about trails only',
}

const casesOf = (member, role, row) =>
  roleRequests(member, role, row).map((one) => ({ ...one, expected: may(member, role, row) ? 'Allowed' : 'Denied' }))

/** Who else could try to become a role: each with its ARN, or with what else is not as it should be. */
const strangers = ({ partition, account, hub: { account: hub, roles } }) => [
  { caller: `arn:${partition}:iam::${hub}:role/administrator` },
  { caller: `arn:${partition}:iam::${hub}:user/alice` },
  { caller: `arn:${partition}:iam::${hub}:root` },
  ...Object.values(roles).flatMap((role) => [
    { caller: `${role}-x` },
    { caller: role.replace('role/', 'role/x/') },
    { caller: role.replace(':role/', ':user/') },
    { caller: role.replace(hub, '444455556666') },
    { caller: role.replace(hub, account) },
    { caller: role, organization: 'o-zzzzzzzzzz' },
    { caller: role, organization: '' },
    ...['sts:TagSession', 'sts:SetSourceIdentity'].map((action) => ({ caller: role, action })),
  ]),
]

const assumptionsOf = (member, role) => [
  ...CONTRACT.functions.map((name) => ({
    ...assumption(member, role, { caller: member.hub.roles[name] }),
    expected: ASSUMED_BY[role].includes(name) ? 'Allowed' : 'Denied',
  })),
  ...strangers(member).map((who) => ({ ...assumption(member, role, who), expected: 'Denied' })),
  ...['lambda', 'events', 'ec2', 'cloudformation'].map((service) => byService(member, service, role)),
]

/** A service calls, which nobody lets become one of these roles. */
const byService = (member, service, role) => ({
  policies: { resource: member.roles[role].trust },
  request: {
    principal: `${service}.amazonaws.com`,
    account: member.account,
    action: 'sts:AssumeRole',
    resource: member.roles[role].arn,
    context: { 'aws:SourceAccount': member.account },
  },
  expected: 'Denied',
})

for (const member of MEMBERS) {
  describe(`in the member ${member.title}`, () => {
    for (const role of MEMBER_ROLES) {
      const assumptions = assumptionsOf(member, role)
      checks(`only ${ASSUMED_BY[role].join(', ')} of the hub may become ${role}`, assumptions)
      checksThatMutantsAreNoticed(`the trust of ${role}`, member.roles[role].trust, assumptions, { idle: IDLE })
      for (const row of ROWS) {
        const title = `${role} may ${may(member, role, row) ? '' : 'not '}${row.title} (${row.action}, ${row.target})`
        checks(title, casesOf(member, role, row))
      }
    }
  })
}

// In this one, no two names are the same by chance.
const chinese = MEMBERS.find(({ partition }) => partition === 'aws-cn')
const [first] = MEMBERS
for (const member of [chinese, first]) {
  const cases = MEMBER_ROLES.flatMap((role) => ROWS.flatMap((row) => casesOf(member, role, row)))
  const policies = new Map(
    Object.values(member.roles).flatMap(({ policies }) => policies.map(({ name, policy }) => [policy, name])),
  )
  for (const [policy, name] of policies) {
    checksThatMutantsAreNoticed(`${name} of ${member.partition}`, policy, cases, { idle: IDLE })
  }
}

it('a role of a member can do nothing that no role of a stack can', () => {
  const open = CALLS.filter((row) => !/ListPolicies|ListGroups/.test(row.action)).map((row) => row.action)
  const calls = new Set(Object.values(CONTRACT.triggers).flatMap((trigger) => trigger.calls))
  assert.deepEqual([...new Set(open.filter((action) => !calls.has(action)))], [])
})
