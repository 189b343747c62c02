// Goes through every action of many services, so that none is open for being in no table.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UNDENIABLE, actionsOf, callsIn, evaluable, foreign, othersOf } from './actions.mjs'
import * as members from './members.mjs'
import { CALLS, ROLES } from './role-table.mjs'
import { EVERYTHING, isAllowed } from './simulate.mjs'
import { STACKS, policyFile } from './stacks.mjs'
import { readTable, targetsOf } from './tables.mjs'

// It registers a program, not a user. The evaluator knows no resource for it.
const OF_NO_USER = 'signin:CreateOAuth2PublicClient'
const [stack] = STACKS
const quarantine = await readTable('quarantine')
const unique = (actions) => [...new Set(actions)].sort()

for (const [name, mfa] of [
  ['console', 'false'],
  ['everything', 'false'],
  ['strict-console', 'true'],
  ['strict-everything', 'true'],
]) {
  it(`under ${name}, IAM, STS and sign-in allow nothing but enrolment where MFA is ${mfa}`, async () => {
    const policies = { identity: [await policyFile(`quarantine-${name}.json`), EVERYTHING] }
    const principal = `arn:aws:iam::${stack.account}:user/alice`
    const session = { 'aws:MultiFactorAuthPresent': mfa, 'aws:TokenIssueTime': '2026-11-24T09:00:00Z' }
    const context = { 'aws:username': 'alice', ...session }
    const open = []
    for (const service of ['iam', 'sts', 'signin']) {
      for (const { action, types } of (await actionsOf(service)).filter(({ action }) => action !== OF_NO_USER)) {
        const resources = types.map(({ type, form }) => (type === 'user' ? principal : foreign(form, stack)))
        for (const resource of types.length ? resources : ['*']) {
          const request = { principal, account: stack.account, action, resource, context }
          if (await isAllowed(policies, request)) open.push(`${action} ${/console/.exec(resource) ?? ''}`.trim())
        }
      }
    }
    const signIn = quarantine['sign-in'].map((row) => `${row.action} console`)
    const rows = [...quarantine.enrolment, ...quarantine['password and code']].map((row) => row.action)
    assert.deepEqual(unique(open), unique([...rows, ...signIn, UNDENIABLE]))
  })
}

for (const { service, type, target, open } of (await readTable('left-open')).changes) {
  it(`under the service control policy, administrators change a ${type} of ${service} only as listed`, async () => {
    const policies = { identity: [EVERYTHING], controls: [EVERYTHING, await policyFile('protect-quarantine.scp.json')] }
    const principal = `arn:aws:sts::${stack.account}:assumed-role/administrators/session`
    const context = { 'aws:PrincipalArn': `arn:aws:iam::${stack.account}:role/administrators` }
    const [resource] = targetsOf(target, stack)
    const found = []
    for (const { name, action, accessLevel, types } of await actionsOf(service)) {
      if (['Read', 'List'].includes(accessLevel) || !types.some((one) => one.type === type)) continue
      const request = { principal, account: stack.account, action, resource, context }
      if (await isAllowed(policies, request)) found.push(name)
    }
    assert.equal(found.sort().join(' '), open)
  })
}

// The evaluator cannot tell the ARN of a version of a function from that of an alias.
const NOT_EVALUATED = [
  'lambda:DeleteProvisionedConcurrencyConfig',
  'lambda:GetProvisionedConcurrencyConfig',
  'lambda:PutProvisionedConcurrencyConfig',
]

describe('the roles of the stack', async () => {
  const calls = await callsIn(stack)
  const evaluated = await evaluable(calls, stack)

  for (const role of ROLES) {
    it(`${role} may make no call but its own`, async () => {
      const own = new Set(CALLS.filter((row) => row.by.includes(role)).map((row) => row.action))
      assert.deepEqual(await othersOf(stack, role, own, evaluated), [UNDENIABLE])
    })
  }

  it('every call of the tables is among them, and only what cannot be evaluated is left out', () => {
    const known = new Set(evaluated.map(({ action }) => action))
    assert.deepEqual(unique(CALLS.map(({ action }) => action).filter((action) => !known.has(action))), [])
    assert.deepEqual(unique(calls.map(({ action }) => action).filter((action) => !known.has(action))), NOT_EVALUATED)
  })
})

describe('the roles in an account of an organization', async () => {
  const [member] = members.MEMBERS
  const evaluated = await evaluable(await callsIn(member), member)

  for (const role of members.MEMBER_ROLES) {
    it(`${role} may make no call but its own`, async () => {
      const own = new Set(members.CALLS.filter((row) => row.by.includes(role)).map((row) => row.action))
      assert.deepEqual(await othersOf(member, role, own, evaluated), [UNDENIABLE])
    })
  }

  it('every call of their table is among them', () => {
    const known = new Set(evaluated.map(({ action }) => action))
    assert.deepEqual(unique(members.CALLS.map(({ action }) => action).filter((action) => !known.has(action))), [])
  })
})
