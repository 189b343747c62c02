import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DESKTOP, PHONE, look, open } from './browser.mjs'
import { KINDS, OURS, mails } from './mails.mjs'

const MARKUP = '<script>alert(1)</script><b>x'
const LONG = 'n'.repeat(64)

let browser
before(async () => {
  browser = await open()
})
after(() => browser.close())

const ours = mails(OURS)
const views = [
  { screen: PHONE },
  { screen: PHONE, scheme: 'dark' },
  { screen: DESKTOP },
  { screen: DESKTOP, scheme: 'dark' },
]

test('there is a mail of every kind', () => assert.deepEqual(Object.keys(ours).sort(), KINDS))

for (const kind of KINDS) {
  test(`mail is accessible and needs nothing from outside: ${kind}`, async () => {
    for (const view of views) {
      const seen = await look(browser, ours[kind], view)
      assert.deepEqual(seen.violations, [])
      assert.deepEqual(seen.requests, [])
      assert.equal(seen.isTooWide, false)
      assert.equal(seen.unexpected, 0)
      assert.equal(seen.isDark, view.scheme === 'dark')
      const ranks = seen.headings.map(([rank]) => rank)
      assert.deepEqual(ranks, ['H1', ...ranks.slice(1).map(() => 'H2')])
    }
  })
}

test('mail shows names as they are written', async () => {
  const settings = { ORGANIZATION_NAME: '"><b>x</b><script>', ACCOUNT_NAME: '<i>y</i>', CONTACT: MARKUP, NAME: MARKUP }
  const { text, unexpected } = await look(browser, mails(settings).quarantined, { screen: PHONE })
  for (const name of Object.values(settings)) assert.ok(text.includes(name), `${name} is not in ${text}`)
  assert.equal(unexpected, 0)
})

test('long name does not widen a mail on a phone', async () => {
  const settings = { ORGANIZATION_NAME: LONG.slice(0, 30), CONTACT: LONG.slice(0, 60), NAME: LONG }
  const { text, isTooWide } = await look(browser, mails(settings).quarantined, { screen: PHONE })
  assert.ok(text.includes(LONG))
  assert.equal(isTooWide, false)
})

test('mail begins with who asks, and its preview does too', async () => {
  const { text } = await look(browser, ours.quarantined, { screen: PHONE })
  assert.match(text, /^Example Corp: Your access [^]*Hello alice,\s+Example Corp has limited your access/)
  assert.match(ours.quarantined, /<div style="display:none;[^"]*">Example Corp has limited your access/)
})
