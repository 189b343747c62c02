import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { DESKTOP, PHONE, look, open } from './browser.mjs'

const ROOT = new URL('../..', import.meta.url)
const MARKUP = '<script>alert(1)</script><b>x'
const SETTINGS = {
  plain: {},
  ours: { ORGANIZATION_NAME: 'Example Corp', CONTACT: 'help@example.com', RECOMMENDED_DEVICE: 'authenticator-app' },
  markup: { ORGANIZATION_NAME: '"><b>x</b><script>', CONTACT: MARKUP },
  china: { PARTITION: 'aws-cn', ORGANIZATION_NAME: 'Müller & Söhne' },
  govcloud: { PARTITION: 'aws-us-gov' },
}

const page = (variables) =>
  execFileSync('cargo', ['run', '--quiet', '--locked', '--package', 'mfa-enforcer-core', '--example', 'help_page'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...variables },
  })

let browser
before(async () => {
  browser = await open()
})
after(() => browser.close())

for (const [name, variables] of Object.entries(SETTINGS)) {
  test(`help page is accessible: ${name}`, async () => {
    const html = page(variables)
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
  const { text } = await look(browser, page(SETTINGS.markup), { screen: DESKTOP })
  assert.ok(text.includes(SETTINGS.markup.ORGANIZATION_NAME) && text.includes(MARKUP), text)
})

test('help page begins with the recommended device', async () => {
  const { text } = await look(browser, page(SETTINGS.ours), { screen: DESKTOP })
  const [steps, others] = text.split('Another kind of device')
  assert.match(steps, /Example Corp requires MFA[^]*Choose "Authenticator app"/)
  assert.match(others, /"Passkey or security key"/)
})

test('help page promises no limits, which not every mode brings', () => {
  for (const variables of Object.values(SETTINGS)) assert.doesNotMatch(page(variables), /access is limited/)
})

test('help page says a bad setting and writes nothing', () => {
  assert.throws(
    () => page({ CONTACT: 'two\nlines' }),
    ({ status, stdout, stderr }) => status === 2 && stdout === '' && /`CONTACT` is/.test(stderr),
  )
})
