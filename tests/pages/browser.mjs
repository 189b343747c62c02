// A real browser, which gets nothing from outside: every request but the page's own is noted.

import { AxePuppeteer } from '@axe-core/puppeteer'
import chromium from '@sparticuz/chromium'
import puppeteer from 'puppeteer-core'

export const PHONE = { width: 360, height: 800 }
export const DESKTOP = { width: 1200, height: 900 }

export const open = async () =>
  puppeteer.launch({ args: chromium.args, executablePath: await chromium.executablePath(), headless: 'shell' })

/** What can be seen of a page on a screen of this size, in light or dark colors, or on paper. */
export async function look(browser, html, { screen, scheme = 'light', media = 'screen' }) {
  const page = await browser.newPage()
  const requests = []
  page.on('request', (request) => requests.push(request.url()))
  await page.setViewport(screen)
  await page.emulateMediaType(media)
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await page.setContent(html)
  const { violations } = await new AxePuppeteer(page).analyze()
  const seen = await page.evaluate(() => ({
    text: document.body.innerText,
    headings: [...document.querySelectorAll('h1, h2, h3')].map(({ tagName, innerText }) => [tagName, innerText]),
    links: [...document.querySelectorAll('a')].map(({ href }) => href),
    unexpected: document.querySelectorAll('script, b, i, img, iframe, form').length,
    isDark: getComputedStyle(document.body).backgroundColor === 'rgb(22, 22, 22)',
    isTooWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  }))
  await page.close()
  return { ...seen, requests, violations: violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]) }
}
