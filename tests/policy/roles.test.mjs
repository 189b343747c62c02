// What each role of the stack may do: its own calls, and nothing that an intruder would try.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { CALLS, ESCALATIONS, FUNCTIONS, ROLES } from './role-table.mjs'
import { CONTRACT, STACKS, roleRequests } from './stacks.mjs'

const ROWS = [...CALLS, ...ESCALATIONS]

/** Mutants in which nothing changes, and why. */
const IDLE = {
  'assume-execution-role loses statement 1':
    'within an account it is enough that the execution role trusts this role; StackSets wants both',
  'assume-execution-role adds sts:* in Action of statement 1': 'the execution role only allows this role to assume it',
  'deploy-forward adds iam:* in Action of GiveTheRuleItsRole': 'no other action says to which service a role is passed',
  'ReadAndNotifyPolicy adds events:* in Action of TellMachines': 'no other action on a bus has a source',
  'ReadAndNotifyPolicy adds sns:* in Action of SubscribeMailOfUsers': 'no other action has a protocol',
  'ReleasePolicy adds iam:* in Action of DetachOnlyAQuarantine':
    'whoever detaches may attach, and no other action fits',
  'RestorePolicy takes every resource in ReadPolicies': 'the policies of other accounts are out of reach anyway',
  'ReviewPolicy takes every resource in SeeWhetherATrailLogs': 'these calls are about trails only',
}

const casesOf = (stack, role, row) =>
  roleRequests(stack, role, row).map((one) => ({ ...one, expected: may(stack, role, row) ? 'Allowed' : 'Denied' }))

/** Whether a role may make a call. Some it may only if the stack releases users in a certain way, or sends mail. */
const may = (stack, role, row) =>
  row.by.includes(role) && (!row.release || row.release === stack.release) && (!row.mail || stack.mail)

it('the tables have every call of the code', () => {
  const tried = new Set(CALLS.map(({ action }) => action))
  const calls = Object.values(CONTRACT.triggers).flatMap((trigger) => trigger.calls)
  const missing = calls.filter((action) => !tried.has(action))
  const unused = CALLS.filter(({ by }) => by.length === 0)
  assert.deepEqual({ missing, unused }, { missing: [], unused: [] })
})

for (const stack of STACKS) {
  describe(`in the stack ${stack.title}`, () => {
    it('the roles are those of the tables', () => {
      assert.deepEqual(Object.keys(stack.roles).sort(), [...ROLES].sort())
      for (const [name, role] of Object.entries(stack.roles)) {
        assert.equal(role.function, FUNCTIONS.includes(name) ? name : null)
      }
    })

    for (const role of ROLES) {
      for (const row of ROWS) {
        const title = `${role} may ${may(stack, role, row) ? '' : 'not '}${row.title} (${row.action}, ${row.target})`
        checks(title, casesOf(stack, role, row))
      }
    }
  })
}

// In this one, no two names or suffixes are the same by chance.
const chinese = STACKS.find(({ partition }) => partition === 'aws-cn')
const cases = ROLES.flatMap((role) => ROWS.flatMap((row) => casesOf(chinese, role, row)))
const titles = new Map()
for (const [role, { policies }] of Object.entries(chinese.roles)) {
  for (const { name, policy } of policies) titles.set(policy, name === 'logs' ? `${role}/logs` : name)
}
for (const [policy, title] of titles) checksThatMutantsAreNoticed(title, policy, cases, { idle: IDLE })

// It sends no mail. This one does, in the name of a subdomain and to two others.
const mailing = STACKS.find(({ partition }) => partition === 'aws-us-gov')
const ofMail = ROLES.flatMap((role) =>
  ROWS.filter(({ action }) => action.startsWith('ses:')).flatMap((row) => casesOf(mailing, role, row)),
)
const { policy: whole } = mailing.roles.sweep.policies.find(({ name }) => name === 'ReadAndNotifyPolicy')
const sending = { ...whole, Statement: whole.Statement.filter(({ Sid }) => Sid === 'SendMailToUsers') }
const alone = ofMail.map((one) => ({
  ...one,
  policies: { ...one.policies, identity: one.policies.identity.map((policy) => (policy === whole ? sending : policy)) },
}))
checksThatMutantsAreNoticed('the permission to send mail', sending, alone, { idle: IDLE })
