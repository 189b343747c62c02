// What each role of the stack may do: the calls that are its own, and nothing of what an intruder would try.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CALLS, FUNCTIONS, OTHER_ROLES } from './calls.mjs'
import { ESCALATIONS } from './escalations.mjs'
import { DEPLOYMENTS, askForPhone } from './stack.mjs'
import { verdicts } from './verdicts.mjs'

const ROLES = [...FUNCTIONS, ...OTHER_ROLES]

for (const deployment of DEPLOYMENTS) {
  describe(deployment.title, () => {
    it('the roles are those of the tables', () => {
      assert.deepEqual(Object.keys(deployment.roles).sort(), [...ROLES].sort())
      for (const [name, role] of Object.entries(deployment.roles)) {
        assert.equal(role.function, FUNCTIONS.includes(name) ? name : null)
      }
    })

    for (const role of ROLES) {
      describe(`the role ${role}`, () => {
        for (const row of CALLS) {
          const may = row.by.includes(role)
          it(`may ${may ? '' : 'not '}${row.title} (${row.action}, ${row.target})`, async () => {
            await everyVerdict(deployment, role, row, may)
          })
        }
        for (const row of ESCALATIONS) {
          it(`may not ${row.title} (${row.action}, ${row.target})`, async () => {
            await everyVerdict(deployment, role, row, false)
          })
        }
        it(`may ${FUNCTIONS.includes(role) ? '' : 'not '}send text messages`, async () => {
          assert.equal((await askForPhone(deployment, role)) === 'Allowed', FUNCTIONS.includes(role))
        })
      })
    }
  })
}

async function everyVerdict(deployment, role, row, may) {
  for (const { call, verdict } of await verdicts(deployment, role, row)) {
    assert.equal(verdict === 'Allowed', may, `${verdict}: ${call.resource} with ${JSON.stringify(call.context)}`)
  }
}
