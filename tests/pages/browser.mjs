// A real browser, which gets nothing from outside: every request but the page's own is noted.

import { AxePuppeteer } from '@axe-core/puppeteer'
import chromium from '@sparticuz/chromium'
import puppeteer from 'puppeteer-core'

export const PHONE = { width: 360, height: 800 }
export const SMALL_PHONE = { width: 320, height: 568 }
export const DESKTOP = { width: 1200, height: 900 }

/** The screens and colors in which a page has to work, and paper. */
export const VIEWS = [
  { screen: PHONE },
  { screen: PHONE, scheme: 'dark' },
  { screen: DESKTOP },
  { screen: DESKTOP, scheme: 'dark' },
  { screen: DESKTOP, media: 'print' },
]

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
    brokenNumbers: (() => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      const broken = []
      while (texts.nextNode()) {
        const text = texts.currentNode
        for (const { 0: number, index } of text.data.matchAll(/(?<!\d)\d{12}(?!\d)/g)) {
          const range = document.createRange()
          range.setStart(text, index)
          range.setEnd(text, index + number.length)
          if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) broken.push(number)
        }
      }
      return broken
    })(),
    isTooWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  }))
  await page.close()
  return { ...seen, requests, violations: violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]) }
}

/** Does something on the page, and returns what `read` finds then. */
export async function act(browser, html, steps, read) {
  const page = await browser.newPage()
  await page.setContent(html)
  for (const step of steps) await step(page)
  const found = await page.evaluate(read)
  await page.close()
  return found
}

/** The users who are shown. */
export const names = () =>
  [...document.querySelectorAll('#users tbody tr')].filter((row) => !row.hidden).map(({ cells }) => cells[0].innerText)
/** Sorts by a column. */
export const column = (number) => (page) => page.click(`#users th:nth-child(${number}) button`)
