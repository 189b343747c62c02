import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DESKTOP, SMALL_PHONE, VIEWS, act, column, look, names, open } from './browser.mjs'
import { evidencePage } from './examples.mjs'

const MARKUP = '<script>alert(1)</script><b>x'
const html = evidencePage()

let browser
before(async () => {
  browser = await open()
})
after(() => browser.close())

for (const view of VIEWS) {
  test(`evidence page is accessible: ${JSON.stringify(view)}`, async () => {
    const seen = await look(browser, html, view)
    assert.deepEqual(seen.violations, [])
    assert.deepEqual(seen.requests, [])
    assert.equal(seen.isTooWide, false)
    // Its own script, and nothing else.
    assert.equal(seen.unexpected, 1)
    assert.deepEqual(seen.links, [])
  })
}

test('evidence page keeps account numbers whole on a small phone', async () => {
  const seen = await look(browser, html, { screen: SMALL_PHONE })
  assert.ok(seen.text.includes('123456789012'))
  assert.deepEqual(seen.brokenNumbers, [])
})

test('evidence page sorts by any column', async () => {
  const up = await act(browser, html, [column(1)], names)
  assert.deepEqual(
    up,
    up.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })),
  )
  assert.deepEqual(await act(browser, html, [column(1), column(1)], names), up.toReversed())
})

test('evidence page finds users by text and by posture', async () => {
  const find = (page) => page.type('#text', 'TICKET-7')
  assert.deepEqual(await act(browser, html, [find], names), ['dave'])
  const overdue = await act(browser, html, [(page) => page.select('#posture', 'overdue')], names)
  assert.deepEqual(overdue, ['grace'])
  const count = await act(browser, html, [find], () => document.getElementById('count').innerText)
  assert.match(count, /^1 of \d+ users$/)
})

test('evidence page is whole without scripts', async () => {
  const page = await browser.newPage()
  await page.setJavaScriptEnabled(false)
  await page.setContent(html)
  await page.setJavaScriptEnabled(true)
  const everybody = await page.evaluate(names)
  const isSearchHidden = await page.evaluate(() => document.getElementById('search').hidden)
  await page.close()
  assert.ok(everybody.includes('alice') && everybody.length === 9, everybody)
  assert.equal(isSearchHidden, true)
})

test('evidence page shows names as they are written', async () => {
  const odd = evidencePage({ NAME: MARKUP, ACCOUNT_NAME: '"><b>x</b>' })
  const seen = await look(browser, odd, { screen: DESKTOP })
  assert.ok(seen.text.includes(MARKUP) && seen.text.includes('"><b>x</b>'))
  assert.equal(seen.unexpected, 1)
})

test('evidence page runs no script but its own', async () => {
  const spoilt = html.replace('</main>', '<script>document.title = "spoilt"</script></main>')
  assert.notEqual(await act(browser, spoilt, [], () => document.title), 'spoilt')
})
