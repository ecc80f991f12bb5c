import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startChromium, testInChromium } from '../../support/chromium.ts'
import type { BrowserPage } from '../../support/chromium.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { makeCliLedger, openCliLedger } from '../cli-ledger.ts'
import { runCli } from '../run-cli.ts'
import { HOSTILE_NAMES, TODAY, tellPageStory } from './page-ledger.ts'

afterAll(removeTempFolders)

/** Texts of pictures that stick out of them, or lie over another text. */
const TEXT_FAULTS = `(() => {
  const faults = []
  for (const svg of document.querySelectorAll('svg.picture')) {
    const frame = svg.getBoundingClientRect()
    const texts = [...svg.querySelectorAll('text')].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
    for (const { text, box } of texts)
      if (box.width === 0 || box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1 || box.top < frame.top - 1)
        faults.push(text + ' sticks out')
    texts.forEach(({ text, box }, i) => {
      for (const other of texts.slice(i + 1))
        if (Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left) > 1 && Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top) > 4)
          faults.push(text + ' lies over ' + other.text)
    })
  }
  return faults
})()`

/** Elements that are wider than the window. */
const WIDE = `[...document.querySelectorAll('body *')]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('svg'))
  .map((element) => element.outerHTML.slice(0, 80))`

const BOXES = `[...document.querySelectorAll('svg')].map((svg) => svg.getBoundingClientRect())
  .map(({ width, height }) => width > 0 && height > 0)`

const COLOURS = `(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.body))`

async function makeReport(): Promise<string> {
  const cwd = tempFolder()
  await makeCliLedger(cwd, 0)
  const ledger = await openCliLedger(cwd)
  await tellPageStory(ledger, TODAY - 30 * 86_400_000)
  await ledger.close()
  const period = ['--from', '2026-10-01', '--to', '2026-10-27']
  const { code, err } = await runCli(['report', '--out', 'report.html', '--verify', ...period], { cwd })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return pathToFileURL(join(cwd, 'report.html')).href
}

async function checkAtWidth(page: BrowserPage, url: string, width: number): Promise<void> {
  await page.open(url, { width })
  // Folded tables are as wide as they are when somebody looks at them.
  await page.evaluate(`document.querySelectorAll('details').forEach((each) => { each.open = true })`)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  expect(await page.evaluate(WIDE)).toEqual([])
  expect(await page.evaluate(TEXT_FAULTS)).toEqual([])
  const boxes = await page.evaluate<readonly boolean[]>(BOXES)
  expect(boxes).toHaveLength(4 + 7)
  expect(boxes).not.toContain(false)
}

describe('the page in a browser', () => {
  testInChromium(
    'fits each screen, shows its texts, and asks for nothing',
    async () => {
      const url = await makeReport()
      const page = await startChromium()
      try {
        for (const width of [360, 740, 1000, 1400]) await checkAtWidth(page, url, width)
        const text = await page.evaluate<string>('document.body.innerText')
        for (const words of ['toxicity-guard', 'Error budget used', 'not estimable', HOSTILE_NAMES[0]])
          expect(text).toContain(words)
        expect(await page.evaluate('document.scripts.length + document.images.length')).toBe(0)
        expect(new Set(page.requests())).toEqual(new Set([url]))
        expect(page.complaints()).toEqual([])
      } finally {
        await page.close()
      }
    },
    60_000,
  )

  testInChromium(
    'has a policy that refuses what a name could ask for',
    async () => {
      const url = await makeReport()
      const page = await startChromium()
      try {
        await page.open(url, { width: 800 })
        await page.evaluate(
          `document.body.insertAdjacentHTML('beforeend', '<img src="http://127.0.0.1:9/x.png" onerror="document.title = 1">')`,
        )
        await page.open(url, { width: 801 })
        expect(page.complaints().filter((text) => text.includes('Content Security Policy'))).not.toEqual([])
      } finally {
        await page.close()
      }
    },
    60_000,
  )

  testInChromium(
    'is dark where that is wanted, and prints its tables',
    async () => {
      const url = await makeReport()
      const page = await startChromium()
      const tables = `[...document.querySelectorAll('details table')].map((each) => each.getBoundingClientRect().height > 50)`
      try {
        await page.open(url, { width: 800, scheme: 'dark' })
        expect(await page.evaluate(COLOURS)).toEqual(['rgb(230, 237, 243)', 'rgb(20, 24, 29)'])
        await page.open(url, { width: 718, scheme: 'dark', media: 'print' })
        expect(await page.evaluate(COLOURS)).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)'])
        expect(await page.evaluate(tables)).toEqual([true, true, true, true])
        expect(await page.evaluate(WIDE)).toEqual([])
        expect(Buffer.from(await page.pdf(), 'base64').toString('latin1')).toMatch(/^%PDF-[^]*%%EOF\s*$/)
      } finally {
        await page.close()
      }
    },
    60_000,
  )
})
