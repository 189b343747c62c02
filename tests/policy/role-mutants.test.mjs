// The proof that the tables about the roles can fail: every change to a policy is noticed by one of their rows.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CALLS, FUNCTIONS } from './calls.mjs'
import { ESCALATIONS } from './escalations.mjs'
import { IDLE, mutants } from './role-mutants.mjs'
import { DEPLOYMENTS, askForPhone } from './stack.mjs'
import { verdicts } from './verdicts.mjs'

const ROWS = [...CALLS, ...ESCALATIONS]
// The one in which no two names or suffixes happen to be the same.
const deployment = DEPLOYMENTS.find(({ partition }) => partition === 'aws-cn')
const ALL = mutants(deployment)

it('the tables notice nothing about the policies as they are', async () => {
  assert.equal(await noticed(deployment, ROWS), undefined)
})

describe('the tables notice when', () => {
  for (const { change, statement, mutant } of ALL.filter(({ change }) => !(change in IDLE))) {
    it(change, async () => {
      assert.ok(await noticed(mutant, nearestFirst(statement)), 'every row still has the verdict that it should have')
    })
  }
})

describe('it is right to let pass that', () => {
  for (const [change, why] of Object.entries(IDLE)) {
    it(`${change}: ${why}`, async () => {
      const { mutant, statement } = ALL.find((one) => one.change === change)
      assert.equal(await noticed(mutant, nearestFirst(statement)), undefined)
    })
  }
})

/** The first row whose verdict is not the expected one. */
async function noticed(spoilt, rows) {
  for (const role of Object.keys(spoilt.roles)) {
    if (((await askForPhone(spoilt, role)) === 'Allowed') !== FUNCTIONS.includes(role)) return `${role}: text messages`
    // A role that is as it was has nothing to show.
    if (spoilt !== deployment && JSON.stringify(spoilt.roles[role]) === JSON.stringify(deployment.roles[role])) continue
    for (const row of rows) {
      for (const { verdict } of await verdicts(spoilt, role, row)) {
        if ((verdict === 'Allowed') !== row.by.includes(role)) return `${role}: ${row.title}`
      }
    }
  }
  return undefined
}

/** All rows, those of the statement's own service before the others: there a change shows soonest. */
function nearestFirst(statement) {
  const service = [statement.Action].flat()[0].split(':')[0]
  const near = (row) => row.action.startsWith(`${service}:`)
  return [...ROWS.filter(near), ...ROWS.filter((row) => !near(row))]
}
