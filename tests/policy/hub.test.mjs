// What the functions of a hub may do in its account and in the accounts of its organization.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { CALLS, ESCALATIONS, HUBS, HUB_ROLES } from './hubs.mjs'
import { ASSUMED_BY, MEMBERS } from './members.mjs'
import { FUNCTIONS } from './role-table.mjs'
import { callByRole, roleRequests } from './stacks.mjs'

const ROWS = [...CALLS, ...ESCALATIONS]
/** What a hub has and a stack of one account has not, or has in another form. */
const OF_HUBS = [
  'members',
  'accounts',
  'find-the-record-before',
  'OrganizationPolicy',
  'BrakesPolicy',
  'EvidencePolicy',
]
/** Mutants in which nothing changes, and why. */
const IDLE = {
  'adds sts:* in Action of ActInTheAccountsOfTheOrganization': 'the trust of the roles allows no other action',
  'adds s3:* in Action of FindEarlierSettings': 'the one other action on a bucket that names a prefix is allowed',
}

const casesOf = (hub, role, row) =>
  roleRequests(hub, role, row).map((one) => ({ ...one, expected: row.by.includes(role) ? 'Allowed' : 'Denied' }))

/** A function of the hub becomes a role of a member, where the trust of the role decides as well. */
function assumption(hub, member, name, role, organization = hub.organization) {
  const { arn, trust } = member.roles[role]
  const context = {
    ...(organization && { 'aws:ResourceOrgID': organization }),
    'aws:PrincipalArn': hub.roles[name].arn,
    'aws:PrincipalOrgID': hub.organization,
  }
  const call = callByRole(hub, name, { action: 'sts:AssumeRole', resource: arn, context })
  return { ...call, policies: { ...call.policies, resource: trust } }
}

for (const [index, hub] of HUBS.entries()) {
  describe(`in the hub ${hub.title}`, () => {
    it('the roles are those of the functions and of the schedules', () => {
      assert.deepEqual(Object.keys(hub.roles).sort(), [...HUB_ROLES].sort())
    })
    for (const role of HUB_ROLES) {
      for (const row of ROWS) {
        const may = row.by.includes(role) ? 'may' : 'may not'
        checks(`${role} ${may} ${row.title} (${row.action}, ${row.target})`, casesOf(hub, role, row))
      }
    }
    const member = MEMBERS[index]
    for (const [role, callers] of Object.entries(ASSUMED_BY)) {
      checks(`${callers.join(', ')} and nobody else may become ${role} of the member ${member.title}`, [
        ...FUNCTIONS.map((name) => ({
          ...assumption(hub, member, name, role),
          expected: callers.includes(name) ? 'Allowed' : 'Denied',
        })),
        ...['o-zzzzzzzzzz', ''].flatMap((other) =>
          FUNCTIONS.map((name) => ({ ...assumption(hub, member, name, role, other), expected: 'Denied' })),
        ),
      ])
    }
  })
}

for (const hub of HUBS) {
  const cases = HUB_ROLES.flatMap((role) => ROWS.flatMap((row) => casesOf(hub, role, row)))
  const policies = new Map(
    Object.entries(hub.roles).flatMap(([role, { policies }]) =>
      policies
        .filter(({ name }) => OF_HUBS.includes(name))
        .map(({ name, policy }) => [policy, name === 'members' ? `${role}/members` : name]),
    ),
  )
  for (const [policy, name] of policies) {
    checksThatMutantsAreNoticed(`${name} of ${hub.partition}`, policy, cases, { idle: IDLE })
  }
}

it('no policy of a hub names a call of IAM', () => {
  for (const hub of HUBS) {
    const actions = Object.values(hub.roles).flatMap(({ policies }) =>
      policies.flatMap(({ policy }) => policy.Statement.flatMap(({ Action }) => Action)),
    )
    assert.deepEqual(
      actions.filter((action) => /^(iam|cloudtrail|\*)/.test(action)),
      [],
    )
  }
})
