// What each quarantine policy allows and denies, to whom, in which session.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { EVERYTHING } from './simulate.mjs'
import { policyFile, resourcePolicy, text } from './stacks.mjs'
import { readTable, requestsOf } from './tables.mjs'

const { enrolment, 'everything else': everythingElse } = await readTable('quarantine')
const ACCOUNT = '123456789012'
const SCOPES = ['console', 'everything']

// Names and paths with every sign that IAM allows and that a pattern could trip over.
const USERS = [
  ['aws', '/', 'alice'],
  ['aws', '/engineering/eu/', 'lee.o+ops=1,2@example.com'],
  ['aws-cn', '/', 'wei'],
  ['aws-us-gov', '/engineering/eu/', 'sam_j'],
].map(([partition, path, name]) => ({
  ...{ path, name, arn: `arn:${partition}:iam::${ACCOUNT}:user${path}${name}` },
  stack: { partition, account: ACCOUNT, region: 'eu-west-1' },
}))

/** The sessions that differ for the policy, and the scopes under which it applies in them. */
const SESSIONS = [
  // The same goes for the temporary credentials that GetSessionToken gives without a code.
  { title: 'a session without MFA', context: { 'aws:MultiFactorAuthPresent': 'false' }, quarantined: SCOPES },
  { title: 'a session with MFA', context: { 'aws:MultiFactorAuthPresent': 'true' }, quarantined: [] },
  // AWS leaves the key out of a request that a long-term access key has signed.
  { title: 'a long-term access key', context: {}, quarantined: ['everything'] },
]

/**
 * The cases of a row: for each user, once with the quarantine alone, and once as an administrator.
 *
 * What the first may do, the quarantine itself grants. What the second may not do, the quarantine itself forbids.
 */
function casesOf(row, policy, isQuarantined, session) {
  const expected = (otherwise) => (enrolment.includes(row) ? 'Allowed' : isQuarantined ? 'ExplicitlyDenied' : otherwise)
  return USERS.flatMap((user) =>
    requestsOf(row, user.stack, user).flatMap(({ action, resource, context }) => {
      const request = {
        ...{ principal: user.arn, account: ACCOUNT, action, resource },
        context: { 'aws:username': user.name, ...session, ...context },
      }
      const policies = { identity: [policy], resource: resourcePolicy(user.stack, resource) }
      const asAdministrator = { ...policies, identity: [policy, EVERYTHING] }
      return [
        { request, policies, expected: expected('ImplicitlyDenied') },
        { request, policies: asAdministrator, expected: expected('Allowed') },
      ]
    }),
  )
}

for (const scope of SCOPES) {
  const policy = await policyFile(`quarantine-${scope}.json`)
  const all = []
  for (const { title, context, quarantined } of SESSIONS) {
    const isQuarantined = quarantined.includes(scope)
    describe(`under the ${scope} scope, ${title}`, () => {
      for (const row of [...enrolment, ...everythingElse]) {
        const cases = casesOf(row, policy, isQuarantined, context)
        all.push(...cases)
        const may = enrolment.includes(row) ? 'may' : isQuarantined ? 'may not' : 'may, if other policies allow it,'
        checks(`${may} ${row.title} (${row.action})`, cases)
      }
    })
  }

  checksThatMutantsAreNoticed(`the ${scope} policy`, policy, all, {
    replacements: [
      ['arn:*:', 'arn:aws:'],
      ['${aws:username}', '*'],
      ['${', '*${'],
      ['mfa/*', 'mfa/${aws:username}'],
      [/^false$/, 'true'],
    ],
    additions: {
      NotAction: [
        ...['iam:DeactivateMFADevice', 'iam:DeleteVirtualMFADevice', 'iam:CreateAccessKey'],
        ...['sts:AssumeRole', 's3:*'],
      ],
    },
  })
}

it('the two policies differ only in the condition operator', async () => {
  const everything = await text('policies/quarantine-everything.json')
  const console = everything.replaceAll('"BoolIfExists"', '"Bool"')
  assert.equal(console, await text('policies/quarantine-console.json'))
  assert.notEqual(console, everything)
})
