// Writes the pictures in docs/pictures (`make pictures`): of mails, as a phone shows their beginning, and of a record.

import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { open } from './browser.mjs'
import { evidencePage } from './evidence.mjs'
import { OURS, mails } from './mails.mjs'

const FOLDER = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
const SCREEN = { width: 420, height: 900 }

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
await browser.close()
