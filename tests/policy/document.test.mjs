// What holds for the documents as documents: their size, that they are twins, and that no part is idle.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allCases } from './expectations.mjs'
import { mutants } from './mutants.mjs'
import { noticed, scattered } from './scattered.mjs'
import { SCOPES, quarantine, quarantineText, verdict } from './simulate.mjs'

// IAM counts a managed policy's characters without white space, and takes this many.
const QUOTA = 6144

for (const scope of SCOPES) {
  it(`the ${scope} document fits into a managed policy`, async () => {
    const size = (await quarantineText(scope)).replace(/\s/g, '').length
    assert.ok(size <= QUOTA, `${size} characters of ${QUOTA}`)
  })
}

it('the two documents differ in the condition operator alone', async () => {
  const strict = (await quarantineText('everything')).replaceAll('"BoolIfExists"', '"Bool"')
  assert.equal(strict, await quarantineText('console'))
  assert.notEqual(await quarantineText('everything'), strict)
})

// The proof that the tables can fail: each of these changes is noticed by at least one of their cases.
for (const scope of SCOPES) {
  const document = await quarantine(scope)
  const cases = scattered(allCases(scope))

  it(`the tables notice nothing about the ${scope} document as it is`, async () => {
    assert.equal(await noticed(document, cases, verdict), undefined)
  })

  describe(`the tables notice when the ${scope} document`, () => {
    for (const { change, mutant } of mutants(document)) {
      it(change, async () => {
        assert.ok(await noticed(mutant, cases, verdict), 'every case still has the verdict that it should have')
      })
    }
  })
}
