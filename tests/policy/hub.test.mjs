// What the functions of a hub may do in its account and in the accounts of its organization.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { CALLS, ESCALATIONS, HUBS, HUB_ROLES } from './hubs.mjs'
import { ASSUMED_BY, MEMBERS } from './members.mjs'
import { FUNCTIONS } from './role-table.mjs'
import { EVERYTHING } from './simulate.mjs'
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

/** What somebody might try on what a hub has, by the service. */
const ATTEMPTS = {
  events: ['events:PutRule', 'events:UpdateEventBus', 'events:DeleteEventBus'],
  iam: ['sts:AssumeRole', 'sts:TagSession'],
  kms: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:PutKeyPolicy'],
  lambda: ['lambda:InvokeFunction', 'lambda:UpdateFunctionCode', 'lambda:AddPermission'],
  sns: ['sns:Publish', 'sns:Subscribe', 'sns:SetTopicAttributes'],
  sqs: ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:PurgeQueue', 'sqs:SetQueueAttributes'],
}

/** The calls of an administrator of another account of the organization, who may do everything as far as that one goes. */
function callsFromAMember({ partition, organization, arns, roles, resourcePolicies }) {
  const account = '444455556666'
  const principal = `arn:${partition}:sts::${account}:assumed-role/administrator/carol`
  const trusts = Object.values(roles).map(({ arn, trust }) => [arn, trust])
  const parts = Object.values(arns).map((arn) => [arn, resourcePolicies[arn]])
  return [...trusts, ...parts].flatMap(([resource, policy]) => {
    const service = resource.split(':')[2]
    const context = { 'aws:PrincipalOrgID': organization, ...(service === 'sqs' && { 'aws:SecureTransport': 'true' }) }
    const attempts = (ATTEMPTS[service] ?? []).filter((action) => fits(action, resource))
    return attempts.map((action) => ({
      policies: { identity: [EVERYTHING], resource: policy },
      request: { principal, account, action, resource, context },
      expected: 'Denied',
    }))
  })
}

/** Whether a call takes such a resource. */
const fits = (action, resource) => {
  const kind = resource.split(/:|\//)[5]
  if (action.startsWith('events:')) return (kind === 'rule') === (action === 'events:PutRule')
  return !action.startsWith('sts:') || kind === 'role'
}

for (const hub of HUBS) {
  const cases = callsFromAMember(hub)
  checks(`an administrator of a member does nothing to the hub ${hub.title} but put events on its bus`, cases)
  it(`each kind of part of the hub ${hub.title} is tried`, () => {
    const tried = new Set(cases.map(({ request }) => request.action))
    assert.deepEqual([...tried].sort(), Object.values(ATTEMPTS).flat().sort())
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
