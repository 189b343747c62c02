// What holds for the documents as documents: their size, that they are twins, and that no part is idle.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allCases } from './expectations.mjs'
import { mutants } from './mutants.mjs'
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
    assert.equal(await noticed(document, cases), undefined)
  })

  describe(`the tables notice when the ${scope} document`, () => {
    for (const { change, mutant } of mutants(document)) {
      it(change, async () => {
        assert.ok(await noticed(mutant, cases), 'every case still has the verdict that it should have')
      })
    }
  })
}

/** The first case whose verdict is not the expected one. */
async function noticed(document, cases) {
  for (const one of cases) {
    if ((await verdict(document, one)) !== one.expected) return one
  }
  return undefined
}

/** The same cases with neighbours far apart: a change mostly shows in neighbours, so it shows sooner. */
function scattered(cases) {
  // More than there are cases, and a prime, so that its multiples reach every place once.
  const stride = 1_000_003
  return cases.map((_, index) => cases[(index * stride) % cases.length])
}
