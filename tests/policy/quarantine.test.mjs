// What each quarantine policy allows and denies, to whom, in which session.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { EVERYTHING } from './simulate.mjs'
import { policyFile, resourcePolicy } from './stacks.mjs'
import { readTable, requestsOf } from './tables.mjs'

const ROWS = Object.entries(await readTable('quarantine')).flatMap(([kind, rows]) =>
  rows.map((row) => ({ ...row, kind })),
)
const SESSIONS = Object.entries(await readTable('sessions')).flatMap(([way, rows]) =>
  rows.map(({ stopped, ...row }) => ({ ...row, way, stopped: documentsOf(stopped) })),
)
const ACCOUNT = '123456789012'
const SCOPES = ['console', 'everything']
// The strict ones do not yield to MFA.
const DOCUMENTS = [...SCOPES, ...SCOPES.map((scope) => `strict-${scope}`)]
// A customer managed policy may have so many characters, without white space.
const QUOTA = 6144

// Names and paths with every sign that IAM allows and that a pattern could trip over.
const USERS = [
  ['aws', '/', 'alice'],
  ['aws', '/engineering/eu/', 'lee.o+ops=1,2@example.com'],
  ['aws-cn', '/', 'wei'],
  ['aws-us-gov', '/engineering/eu/', 'sam_j'],
  ['aws-eusc', '/', 'jo'],
].map(([partition, path, name]) => ({
  ...{ path, name, arn: `arn:${partition}:iam::${ACCOUNT}:user${path}${name}` },
  stack: { partition, account: ACCOUNT, region: 'eu-west-1' },
}))

/** What AWS says of a request in such a session. */
function contextOf({ mfa, service, agent, session }) {
  const said = {
    'aws:MultiFactorAuthPresent': mfa,
    'aws:ViaAWSService': service,
    'aws:ViaAWSMCPService': agent,
    'aws:TokenIssueTime': session && '2026-11-24T09:00:00Z',
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value))
}

/** The documents that these words stand for. */
function documentsOf(words) {
  return words.replace(/\bstrict$/, 'strict-console strict-everything').split(' ')
}

/** What becomes of an enrolment in such a session, under this document. */
function enrolmentUnder(name, { enrolment }) {
  const [plain, strict = plain] = enrolment.split(' / ')
  return name.startsWith('strict-') ? strict : plain
}

/** The verdicts on a row: under the quarantine alone, and with a policy that allows everything. */
function verdictsOn({ kind }, name, session) {
  const enrolment = enrolmentUnder(name, session)
  if (enrolment === 'denied') return ['ExplicitlyDenied', 'ExplicitlyDenied']
  const otherwise = ['ImplicitlyDenied', 'Allowed']
  if (kind === 'password and code') return ['Allowed', 'Allowed']
  if (kind === 'enrolment') return enrolment === 'granted' ? ['Allowed', 'Allowed'] : otherwise
  if (kind === 'sign-in') return otherwise
  return session.stopped.includes(name) ? ['ExplicitlyDenied', 'ExplicitlyDenied'] : otherwise
}

/**
 * The cases of a row: for each user, once with the quarantine alone, and once as an administrator.
 *
 * What the first may do, the quarantine itself grants. What the second may not do, the quarantine itself forbids.
 */
function casesOf(row, policy, name, session) {
  const [alone, asAdministrator] = verdictsOn(row, name, session)
  // What is called for a user depends on the path, but on no further name.
  const users = session.way === 'direct' ? USERS : USERS.slice(0, 2)
  return users.flatMap((user) =>
    requestsOf(row, user.stack, user).flatMap(({ action, resource, context }) => {
      const request = {
        ...{ principal: user.arn, account: ACCOUNT, action, resource },
        context: { 'aws:username': user.name, ...contextOf(session), ...context },
      }
      const policies = { identity: [policy], resource: resourcePolicy(user.stack, resource) }
      return [
        { request, policies, expected: alone },
        { request, policies: { ...policies, identity: [policy, EVERYTHING] }, expected: asAdministrator },
      ]
    }),
  )
}

const WORDS = {
  'ExplicitlyDenied ExplicitlyDenied': 'may not',
  'ImplicitlyDenied Allowed': 'may, if other policies allow it,',
  'Allowed Allowed': 'may',
}

for (const name of DOCUMENTS) {
  const policy = await policyFile(`quarantine-${name}.json`)
  const all = []
  for (const session of SESSIONS) {
    describe(`under the ${name} policy, ${session.title}`, () => {
      for (const row of ROWS) {
        const cases = casesOf(row, policy, name, session)
        all.push(...cases)
        checks(`${WORDS[verdictsOn(row, name, session).join(' ')]} ${row.title} (${row.action})`, cases)
      }
    })
  }

  checksThatMutantsAreNoticed(`the ${name} policy`, policy, all, {
    idle: Object.fromEntries(
      ['DenySigningInElsewhereWithoutMFA', 'DenySigningInElsewhere'].map((sid) => [
        `adds signin:* in Action of ${sid}`,
        'another statement denies its other actions anyway',
      ]),
    ),
    replacements: [
      ['arn:*:', 'arn:aws:'],
      ['${aws:username}', '*'],
      ['${', '*${'],
      ['mfa/*', 'mfa/${aws:username}'],
      [/^false$/, 'true'],
      [/^true$/, 'false'],
      ['console/*', 'console/aws'],
    ],
    additions: {
      NotAction: [
        ...['iam:DeactivateMFADevice', 'iam:DeleteVirtualMFADevice', 'iam:CreateAccessKey'],
        ...['sts:AssumeRole', 's3:*', 'signin:*'],
      ],
    },
  })
}

it('a strict policy is the plain one without its question for MFA', async () => {
  const sessions = { console: { Null: { 'aws:TokenIssueTime': 'false' } }, everything: {} }
  for (const scope of SCOPES) {
    const [plain, strict] = await Promise.all(
      [scope, `strict-${scope}`].map((name) => policyFile(`quarantine-${name}.json`)),
    )
    const expected = plain.Statement.map(({ Sid, Condition, ...rest }) => {
      const asked = JSON.stringify(Condition ?? {}).includes('aws:MultiFactorAuthPresent')
      if (!asked) return { Sid, ...rest, ...(Condition && { Condition }) }
      const others = without('aws:MultiFactorAuthPresent', Condition)
      // Agents are stopped whoever sent them.
      const instead = Sid.startsWith('DenyAgents') ? {} : sessions[scope]
      return { Sid: Sid.replace('WithoutMFA', ''), ...rest, Condition: { ...instead, ...others } }
    })
    assert.deepEqual(strict.Statement, expected)
  }
})

/** A condition without a key. */
function without(key, condition) {
  const operators = Object.entries(condition).map(([operator, { [key]: _, ...others }]) => [operator, others])
  return Object.fromEntries(operators.filter(([, others]) => Object.keys(others).length > 0))
}

it('a strict policy stops whatever the plain one stops', () => {
  for (const { title, stopped } of SESSIONS) {
    for (const scope of SCOPES.filter((scope) => stopped.includes(scope))) {
      assert.ok(stopped.includes(`strict-${scope}`), title)
    }
  }
})

it('the two policies differ only in the operator of MFA', async () => {
  const [console, everything] = await Promise.all(SCOPES.map((scope) => policyFile(`quarantine-${scope}.json`)))
  const widened = console.Statement.map(({ Condition: { Bool, ...others } = {}, ...rest }) => {
    if (!Bool?.['aws:MultiFactorAuthPresent']) return { Condition: { ...(Bool && { Bool }), ...others }, ...rest }
    return { Condition: { BoolIfExists: { ...Bool, ...others.BoolIfExists } }, ...rest }
  })
  const sorted = everything.Statement.map(({ Condition = {}, ...rest }) => ({ Condition, ...rest }))
  assert.deepEqual(widened, sorted)
  assert.notDeepEqual(console, everything)
})

for (const name of DOCUMENTS) {
  it(`the ${name} policy fits IAM's quota`, async () => {
    const size = JSON.stringify(await policyFile(`quarantine-${name}.json`)).length
    assert.ok(size <= QUOTA, `${size} of ${QUOTA}`)
  })
}
