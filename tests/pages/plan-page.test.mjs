import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DESKTOP, SMALL_PHONE, VIEWS, act, column, look, names, open } from './browser.mjs'
import { planPage } from './examples.mjs'

const MARKUP = '<script>alert(1)</script><b>x'
const html = planPage()

let browser
before(async () => {
  browser = await open()
})
after(() => browser.close())

for (const view of VIEWS) {
  test(`page of a plan is accessible: ${JSON.stringify(view)}`, async () => {
    const seen = await look(browser, html, view)
    assert.deepEqual(seen.violations, [])
    assert.deepEqual(seen.requests, [])
    assert.equal(seen.isTooWide, false)
    // Its own script, and nothing else.
    assert.equal(seen.unexpected, 1)
  })
}

test('page of a plan keeps account numbers whole on a small phone', async () => {
  const seen = await look(browser, html, { screen: SMALL_PHONE })
  assert.ok(seen.text.includes('123456789012'))
  assert.deepEqual(seen.brokenNumbers, [])
})

test('page of a plan sorts and filters', async () => {
  const up = await act(browser, html, [column(1)], names)
  assert.ok(up.includes('alice') && up.length === 8, up)
  assert.deepEqual(await act(browser, html, [column(1), column(1)], names), up.toReversed())
  const exempt = await act(browser, html, [(page) => page.select('#posture', 'exempt')], names)
  assert.deepEqual(exempt.toSorted(), ['dave', 'glass'])
})

test('page of a plan shows names as they are written', async () => {
  const seen = await look(browser, planPage({ NAME: MARKUP }), { screen: DESKTOP })
  assert.ok(seen.text.includes(MARKUP))
  assert.equal(seen.unexpected, 1)
})
