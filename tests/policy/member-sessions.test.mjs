// What is left of a role of a member in a session with a policy of its own, as the core writes it.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import {
  ASSUMED_BY,
  CALLS,
  CONTRACT_OF_SESSIONS,
  ESCALATIONS,
  MEMBERS,
  MEMBER_ROLES,
  callInSession,
  isAboutAnyUser,
  may,
  requestsAbout,
  userOf,
} from './members.mjs'
import { CONTRACT } from './stacks.mjs'
import { requestsOf } from './tables.mjs'

const { roles, functions, sessions } = CONTRACT_OF_SESSIONS
const [member] = MEMBERS
const ROWS = [...CALLS, ...ESCALATIONS]
const PATHS = ['/', '/engineering/', '/engineering/eu/']
// Somebody else, whoever is meant. Resources have a case.
const OTHERS = ['alicex', 'xalice', 'ALICE', 'bob']

const LIMITED = 'the role itself has no other groups and policies, and does nothing else to them'
/** Mutants in which nothing changes, by the role, and why. */
const IDLE = {
  contain: { 'adds iam:* in Action of statement 2': LIMITED, 'takes every resource in statement 2': LIMITED },
  guard: { 'takes every resource in statement 1': LIMITED },
}

const userArn = (path, name) => userOf(member, path, name)
const requestsOn = (row, role, users) => requestsAbout(member, row, role, users)

/** The cases of a row in a session: of its calls the role's own verdict about this user, and none about another. */
function casesOf(row, { role, calls, user, policy }) {
  const cases = (users, expected) =>
    requestsOn(row, role, users).map((request) => ({ ...callInSession(member, role, policy, request), expected }))
  const allowed = may(member, role, row) && calls.includes(row.action) ? 'Allowed' : 'Denied'
  const own = PATHS.map((path) => userArn(path, user ?? 'bob'))
  if (!user) return cases(own, allowed)
  // The users of this row have names of their own.
  if (row.target === 'a break-glass user') return []
  const others = OTHERS.flatMap((name) => PATHS.map((path) => userArn(path, name)))
  return [...cases(own, allowed), ...(isAboutAnyUser(row) ? cases(others, 'Denied') : [])]
}

it('the core knows which function assumes which role', () => {
  for (const name of CONTRACT.functions) {
    const assumed = MEMBER_ROLES.filter((role) => ASSUMED_BY[role].includes(name))
    assert.deepEqual([...functions[name]].sort(), assumed.sort(), name)
  }
  assert.deepEqual(Object.keys(roles).sort(), [...MEMBER_ROLES].sort())
})

for (const role of MEMBER_ROLES) {
  it(`the core knows what ${role} may do`, () => {
    const open = new Set(CALLS.filter((row) => row.by.includes(role)).map((row) => row.action))
    assert.deepEqual([...roles[role]].sort(), [...open].sort())
  })
}

for (const session of sessions) {
  const { role, calls, user, policy } = session
  const isWhole = calls.length === roles[role].length
  const title = `a session of ${role} for ${user ?? 'everybody'}, ${isWhole ? 'with all calls' : calls.join(' and ')}`
  describe(`in ${title}`, () => {
    const all = ROWS.flatMap((row) => casesOf(row, session))
    checks('these calls do to the user what the role may, and nothing else is done', all)
    // Of a whole role, the role itself limits what is done to everybody.
    if (!isWhole && user) checksThatMutantsAreNoticed(title, policy, all, { idle: IDLE[role] })
  })
}

const EVERYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

for (const role of MEMBER_ROLES) {
  const rows = ROWS.filter((row) => !may(member, role, row))
  const requests = rows.flatMap((row) => requestsOf(row, member, role))
  checks(
    `no session lets ${role} do more`,
    requests.map((request) => ({ ...callInSession(member, role, EVERYTHING, request), expected: 'Denied' })),
  )
}
