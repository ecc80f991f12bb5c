import { checkpointState } from '../../../cli/report/ledger-state.ts'
import { BEGINNING, reportPage } from '../../../cli/report/page.ts'
import { reportData } from '../../../cli/report/report-data.ts'
import type { ReportData } from '../../../cli/report/report-data.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { openTempLedger, removeTempFolders } from '../../support/temp-ledger.ts'
import { openPageLedger, TODAY } from './page-ledger.ts'

afterAll(removeTempFolders)

const DAY_MS = 86_400_000
const PERIOD = { from: TODAY - 24 * DAY_MS, to: TODAY + DAY_MS }

function dataOf({ reader, log, metrics }: Ledger, more: Partial<ReportData> = {}): ReportData {
  const ledger = { size: reader.size(), checkpoint: checkpointState(log), verified: undefined }
  const head = { madeAt: new Date(TODAY), version: '1.2.3', period: PERIOD, only: undefined, ledger }
  return { ...reportData(metrics, head), ...more }
}

/** What a reader sees of markup, on one line. */
function plain(markup: string): string {
  const text = markup.replace(/<style>[^]*?<\/style>/, '').replace(/<[^>]*>/g, ' ')
  const named = text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
  return named.replace(/&amp;/g, '&').replace(/\s+/g, ' ')
}

/** The rows of the table with a caption, cell by cell. */
function rowsOf(page: string, caption: string): readonly (readonly string[])[] {
  const from = page.slice(page.indexOf(`<caption>${caption}</caption>`))
  const body = from.slice(from.indexOf('<tbody>'), from.indexOf('</tbody>'))
  return [...body.matchAll(/<tr>([^]*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>([^]*?)<\/t[hd]>/g)].map(([, cell = '']) => plain(cell).trim()),
  )
}

describe('the page of a ledger with facts', () => {
  let data: ReportData
  let page = ''
  beforeAll(async () => {
    const ledger = await openPageLedger()
    data = dataOf(ledger)
    page = reportPage(data)
    await ledger.close()
  })

  test('tells how each filter stands, alarms first', () => {
    expect(data.filters.map(({ name, standing }) => [name.slice(0, 15), standing])).toEqual([
      ['toxicity-guard', 'alarm'],
      ['"><svg/onload=a', 'alarm'],
      ['</script></titl', 'alarm'],
      ['guard_guard_gua', 'alarm'],
      ['self-harm-watch', 'undecided'],
      ['never-reviewed', 'undecided'],
      ['jailbreak-shado', 'undecided'],
      ['from-elsewhere', 'no_tolerance'],
      ['personal-data', 'within'],
    ])
    const text = plain(page)
    expect(text).toMatch(
      /All reviews of version 1 together say since entry \d+: it is beyond its tolerance of 5 %/,
    )
    expect(text).toContain(
      'Within its tolerance of 10 %. 0 % of its reviewed interventions were wrong (95 % interval',
    )
    expect(text).toMatch(
      /Against a tolerance of 8 % this is undecided: about [\d,]+ further reviews would decide/,
    )
    expect(text).toMatch(
      /Nothing reviewed yet: \d+ interventions in this period\. At least 35 reviews, all in its favour/,
    )
    expect(text).toMatch(
      /It only flagged in this period: \d+ times\. Of what it only flagged, [\d.]+ % of the reviewed were/,
    )
    expect(text).toContain('No tolerance is known, so there is no verdict.')
  })

  test('holds no script, nothing that is loaded, and no name that became markup', () => {
    expect(page.startsWith(BEGINNING)).toBe(true)
    expect(page).toMatch(
      /Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-[^;]+;/,
    )
    expect(page).not.toMatch(
      /<(script|img|link|iframe|object|form|a|svg\/)\b|<[^>]*\son\w+=|<[^>]*\s(src|href)=|@import/i,
    )
    expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
    expect(page.match(/<title>/g)).toHaveLength(1)
  })

  test('has a title and a description in each picture, ids that are its own, and no number that is none', () => {
    const pictures = [
      ...page.matchAll(/<svg class="picture" id="([^"]+)" role="img" aria-labelledby="([^"]+)"[^]*?<\/svg>/g),
    ]
    expect(pictures.map(([, id]) => id)).toEqual([
      'interventions-picture',
      'false-discovery-picture',
      'error-budget-picture',
      'registration-picture',
    ])
    for (const [svg, id = '', labels] of pictures) {
      expect(labels).toBe(`${id}-title ${id}-desc`)
      expect(svg).toMatch(
        new RegExp(`<title id="${id}-title">[^<]+</title>\\n<desc id="${id}-desc">[^<]+</desc>`),
      )
    }
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, id] of page.matchAll(/url\(#([^)]+)\)/g)) expect(ids).toContain(id)
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object|null%|"-\d/)
  })

  test('the tables hold the numbers of the pictures', () => {
    const days = rowsOf(page, 'Interventions per day')
    expect(days).toHaveLength(25)
    const { bars } = data.interventions
    expect(days.map((row) => row.slice(1, -1).map(Number))).toEqual(bars.map(({ counts }) => [...counts]))
    const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)
    expect(days.map((row) => Number(row.at(-1)))).toEqual(bars.map(({ counts }) => sum(counts)))
    const stopped = data.filters.map(({ performance }) => performance.interventions)
    expect(sum(days.map((row) => Number(row.at(-1))))).toBe(sum(stopped))

    const shares = rowsOf(page, 'False discovery proportion')
    const drawn = page.slice(
      page.indexOf('id="false-discovery-picture"'),
      page.indexOf('A filter is within when'),
    )
    const figures = data.filters.map(({ performance: { true_positives: tp, false_positives: fp } }) => [
      tp,
      fp,
    ])
    expect(shares.map((row) => [Number(row[5]), Number(row[6])])).toEqual(figures)
    for (const [, , value = '', between] of shares.filter((row) => row[3] !== '–'))
      expect(plain(drawn)).toContain(`${value} (${between})`)

    const latencies = rowsOf(page, 'Registration latency')
    expect(sum(latencies.map((row) => Number(row[1])))).toBe(data.registration.registration_latency_ms.count)
  })

  test('says that nothing can be said, where 0 would be a lie', () => {
    const ofName = (caption: string, name: string) => rowsOf(page, caption).find(([first]) => first === name)
    const rate = ofName('Decisions in the period', 'never-reviewed') ?? []
    expect([rate[1], rate[3], rate[5]]).toEqual(['not reported', 'not reported', 'not reported'])
    expect(rate.slice(8)).toEqual(['not estimable', 'not estimable'])
    const share = ofName('False discovery proportion', 'never-reviewed') ?? []
    expect([share[2], share[3], share[8]]).toEqual(['no verdict in the sample yet', '–', '–'])
    expect(ofName('False discovery proportion', 'from-elsewhere')?.[4]).toBe('not known')
    const budget = ofName('Error budget used by the version in force', 'never-reviewed') ?? []
    expect([budget[2], budget[3]]).toEqual(['no verdict that counts yet', '–'])
    const reported = ofName('Decisions in the period', 'personal-data') ?? []
    expect(reported[1]).toBe('80,000')
    expect(reported[3]).toMatch(/^0\.\d+ %$/)
  })

  test('writes indexes of entries as they are typed, and shows what verifying came to', () => {
    const finding = {
      kind: 'invalid',
      code: 'root-mismatch',
      index: 1234567,
      message: '<b>wrong</b>',
    } as const
    const report = { size: 1, root: 'aa', findings: [finding], findingCount: 1 }
    const pageOf = (ok: boolean): string =>
      plain(reportPage({ ...data, ledger: { ...data.ledger, verified: { ...report, ok } } }))
    expect(pageOf(false)).toContain(
      'NOT WHOLE: verifying found 1 fault. Do not rely on this report. The first is at entry 1234567: <b>wrong</b>',
    )
    expect(pageOf(true)).toMatch(
      /Verified in this run: whole, 1 entry, root aa\. [\d,]+ entries are newer and were not/,
    )
    expect(plain(page)).toContain('Not verified in this run')
    expect(page).not.toMatch(/since entry \d+,/)
  })
})

describe('the page of a ledger that has little to tell', () => {
  test('without an entry it says what to do', async () => {
    const ledger = await openTempLedger()
    const text = plain(reportPage(dataOf(ledger)))
    expect(text).toContain('The ledger knows no filter. Deploy one')
    expect(text).toContain('entries 0 newest checkpoint 0 entries')
    expect(text).toContain('No deployment has ended yet.')
    expect(text).not.toMatch(/NaN|undefined|0 %/)
    await ledger.close()
  })

  test('in a period without facts no picture is drawn of nothing, and no share is 0', async () => {
    const ledger = await openPageLedger()
    const period = { from: 0, to: DAY_MS }
    const { reader, log, metrics } = ledger
    const state = { size: reader.size(), checkpoint: checkpointState(log), verified: undefined }
    const head = { madeAt: new Date(TODAY), version: '1', period, only: undefined, ledger: state }
    const page = reportPage(reportData(metrics, head))
    expect(page).not.toContain('id="interventions-picture"')
    expect(plain(page)).toContain('No intervention is recorded in this period')
    const shares = rowsOf(page, 'False discovery proportion').map((row) => row[2])
    expect(shares).toEqual(Array.from({ length: 9 }, () => 'no verdict in the sample yet'))
    expect(page).not.toMatch(/NaN|Infinity|undefined/)
    await ledger.close()
  })
})
