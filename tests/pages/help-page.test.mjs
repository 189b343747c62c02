import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DESKTOP, PHONE, look, open } from './browser.mjs'
import { helpPage } from './mails.mjs'

const MARKUP = '<script>alert(1)</script><b>x'
const SETTINGS = {
  plain: {},
  ours: { ORGANIZATION_NAME: 'Example Corp', CONTACT: 'help@example.com', RECOMMENDED_DEVICE: 'authenticator-app' },
  markup: { ORGANIZATION_NAME: '"><b>x</b><script>', CONTACT: MARKUP },
  china: { PARTITION: 'aws-cn', ORGANIZATION_NAME: 'Müller & Söhne' },
  govcloud: { PARTITION: 'aws-us-gov' },
}

let browser
before(async () => {
  browser = await open()
})
after(() => browser.close())

for (const [name, variables] of Object.entries(SETTINGS)) {
  test(`help page is accessible: ${name}`, async () => {
    const html = helpPage(variables)
    for (const view of [
      { screen: PHONE },
      { screen: PHONE, scheme: 'dark' },
      { screen: DESKTOP, scheme: 'dark' },
      { screen: DESKTOP, media: 'print' },
    ]) {
      const seen = await look(browser, html, view)
      assert.deepEqual(seen.violations, [])
      assert.deepEqual(seen.requests, [])
      assert.equal(seen.isTooWide, false)
      assert.equal(seen.unexpected, 0)
      const ranks = seen.headings.map(([rank]) => rank)
      assert.deepEqual(ranks, ['H1', ...ranks.slice(1).map(() => 'H2')])
    }
  })
}

test('help page shows names as they are written', async () => {
  const { text } = await look(browser, helpPage(SETTINGS.markup), { screen: DESKTOP })
  assert.ok(text.includes(SETTINGS.markup.ORGANIZATION_NAME) && text.includes(MARKUP), text)
})

test('help page begins with the recommended device', async () => {
  const { text } = await look(browser, helpPage(SETTINGS.ours), { screen: DESKTOP })
  const [steps, others] = text.split('Another kind of device')
  assert.match(steps, /Example Corp requires MFA[^]*Choose "Authenticator app"/)
  assert.match(others, /"Passkey or security key"/)
})

test('help page promises no limits, which not every mode brings', () => {
  for (const variables of Object.values(SETTINGS))
    assert.doesNotMatch(helpPage(variables), /access (is|may be) limited(?! otherwise)/)
})

test('help page says a bad setting and writes nothing', () => {
  assert.throws(
    () => helpPage({ CONTACT: 'two\nlines' }),
    ({ status, stdout, stderr }) => status === 2 && stdout === '' && /`CONTACT` is/.test(stderr),
  )
})
