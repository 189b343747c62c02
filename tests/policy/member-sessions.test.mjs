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
const everyResource = (statement) => [`takes every resource in statement ${statement}`, LIMITED]
const everyCall = (statement) => [`adds iam:* in Action of statement ${statement}`, LIMITED]
/** Mutants in which nothing changes, by the role and whether it is about one user, and why. */
const IDLE = {
  'contain a user': Object.fromEntries([everyResource(2), everyCall(2)]),
  'release a user': Object.fromEntries([everyResource(2), everyCall(2)]),
  'guard a user': Object.fromEntries([everyResource(2)]),
  'guard nobody': Object.fromEntries([everyResource(1), everyResource(2)]),
}

const changes = (call) => !/^(iam:(Get|List)|cloudtrail:)/.test(call)
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
  const title = `a session of ${role} for ${user ?? 'everybody'}, ${calls.join(' and ')}`
  describe(`in ${title}`, () => {
    const all = ROWS.flatMap((row) => casesOf(row, session))
    checks('these calls do to the user what the role may, and nothing else is done', all)
    // All policies are made of the same parts. Where there are many calls, the role hides what a part allows.
    if (calls.every(changes))
      checksThatMutantsAreNoticed(title, policy, all, { idle: IDLE[`${role} ${user ? 'a user' : 'nobody'}`] })
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
