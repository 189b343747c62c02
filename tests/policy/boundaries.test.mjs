// Whether a permissions boundary lets a quarantined user enrol a device. The sweep tells it with a few rules of its own;
// here the evaluator gives its word for each verdict that these rules are held to.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isAllowed } from './simulate.mjs'
import { policyFile, text } from './stacks.mjs'

const { user, calls, cases } = JSON.parse(await text('tests/policy/requests/boundaries.json'))

/** Whether every call of an enrolment is allowed, under the boundary and this quarantine. */
async function canEnrol(quarantine, boundary, principal, { device = 'phone', context = {} } = {}) {
  const [, partition, , , account, path] = principal.split(':')
  const name = path.split('/').pop()
  const resources = { user: principal, device: `arn:${partition}:iam::${account}:mfa/${device}` }
  const session = { 'aws:MultiFactorAuthPresent': 'false', 'aws:TokenIssueTime': '2026-11-24T09:00:00Z' }
  for (const { action, on } of calls) {
    const request = { principal, account, action, resource: resources[on] }
    request.context = { 'aws:username': name, ...session, ...context }
    if (!(await isAllowed({ identity: [quarantine], boundary }, request))) return 'forbids'
  }
  return 'allows'
}

for (const scope of ['console', 'everything', 'strict-console', 'strict-everything']) {
  const quarantine = await policyFile(`quarantine-${scope}.json`)
  describe(`under the ${scope} policy, a permissions boundary with`, () => {
    for (const { title, verdict, document, depends, notEvaluated, ...rest } of cases) {
      const found = (request) => canEnrol(quarantine, document, rest.user ?? user, request)
      it(`${title}: ${verdict}`, { skip: notEvaluated }, async () => {
        assert.equal(depends !== undefined, verdict === 'depends')
        for (const [expected, request] of Object.entries(depends ?? { [verdict]: {} })) {
          assert.equal(await found(request), expected)
        }
      })
    }
  })
}

it('every verdict has documents, and the evaluator knows all but one', () => {
  for (const verdict of ['allows', 'forbids', 'depends']) assert.ok(cases.some((one) => one.verdict === verdict))
  assert.equal(cases.filter(({ notEvaluated }) => notEvaluated).length, 1)
})
