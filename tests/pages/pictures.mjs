// Writes the pictures in docs/pictures (`make pictures`): the beginnings of mails, of a record, of a plan, of the digest and of
// the help page, as a phone, a desktop or paper shows them.

import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { open } from './browser.mjs'
import { evidencePage, planPage } from './examples.mjs'
import { OURS, helpPage, mails } from './mails.mjs'

const FOLDER = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
const SCREEN = { width: 420, height: 900 }
const plan = planPage()

await mkdir(FOLDER, { recursive: true })
const browser = await open()
const page = await browser.newPage()
await page.setViewport(SCREEN)
for (const scheme of ['light', 'dark']) {
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.setContent(mails(OURS).quarantined)
  await page.screenshot({ path: `${FOLDER}mail-${scheme}.png`, clip: { x: 0, y: 0, ...SCREEN } })
}
await page.setViewport({ width: 1000, height: 1400 })
for (const scheme of ['light', 'dark']) {
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.setContent(evidencePage())
  await page.screenshot({ path: `${FOLDER}evidence-${scheme}.png`, clip: { x: 0, y: 0, width: 1000, height: 1400 } })
}
for (const [name, size, features, media] of [
  ['light', { width: 1000, height: 1100 }, 'light', 'screen'],
  ['dark', { width: 1000, height: 1100 }, 'dark', 'screen'],
  ['phone', SCREEN, 'light', 'screen'],
  ['print', { width: 794, height: 1123 }, 'light', 'print'],
]) {
  const other = await browser.newPage()
  await other.setViewport(size)
  await other.emulateMediaType(media)
  await other.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: features }])
  await other.setContent(plan)
  await other.screenshot({ path: `${FOLDER}plan-${name}.png`, clip: { x: 0, y: 0, ...size } })
  await other.close()
}
for (const [name, html] of [
  ['digest', mails(OURS).digest],
  ['help', helpPage(OURS)],
]) {
  for (const [screen, size] of [
    ['phone', SCREEN],
    ['desktop', { width: 1000, height: 900 }],
  ]) {
    // A page of its own: the policy of the record's page would go on, and allow no other styles.
    const other = await browser.newPage()
    await other.setViewport(size)
    await other.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }])
    await other.setContent(html)
    await other.screenshot({ path: `${FOLDER}${name}-${screen}.png`, clip: { x: 0, y: 0, ...size } })
    await other.close()
  }
}
await browser.close()
