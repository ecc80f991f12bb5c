import { createHash } from 'node:crypto'
import { date, instant } from './format.ts'
import { cutText } from './html/cut-text.ts'
import { markup } from './html/markup.ts'
import type { Markup } from './html/markup.ts'
import { paragraph, section } from './html/section.ts'
import type { ReportData } from './report-data.ts'
import { errorBudget } from './sections/error-budget.ts'
import { formulas, integrity, reviews } from './sections/evidence.ts'
import { falseDiscovery } from './sections/false-discovery.ts'
import { interventions } from './sections/interventions.ts'
import { rates } from './sections/rates.ts'
import { registration } from './sections/registration.ts'
import { standings } from './sections/standings.ts'
import { STYLE } from './style.ts'

/** How a report begins: who replaces a file looks for it. */
export const BEGINNING = '<!doctype html>\n<!-- filter-ledger report -->\n'

/** The whole page: no script, and nothing of it is loaded from elsewhere. */
export function reportPage(data: ReportData): string {
  const hash = createHash('sha256').update(STYLE).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  const page = markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Safety filters, ${date(data.period.from)} to ${date(data.period.to - 1)}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
${header(data)}
<main>
${sections(data)}
</main>
</body>
</html>
`
  return BEGINNING + page.markup
}

function header({ ledger, madeAt, version, only, period }: ReportData): Markup {
  const which = only === undefined ? 'all filters' : cutText(only, 160)
  const warning =
    ledger.verified?.ok === false
      ? markup`
<p><strong class="badge alarm">The ledger is NOT whole: do not rely on this report.</strong></p>`
      : undefined
  return markup`<header><h1>Safety filters: blocks and false positives</h1>
<p class="head">${date(period.from)} to ${date(period.to - 1)} (UTC, both days included), ${which}. Ledger ${ledger.checkpoint?.origin ?? 'without an entry'}. Made ${instant(madeAt)} by filter-ledger ${version}.</p>${warning}</header>`
}

function sections(data: ReportData): readonly Markup[] {
  if (data.knownFilters === 0) return [nothingYet(), registration(data), integrity(data)]
  if (data.filters.length === 0) return [nothingToShow(), registration(data), reviews(data), integrity(data)]
  return [
    standings,
    interventions,
    falseDiscovery,
    errorBudget,
    registration,
    rates,
    reviews,
    integrity,
    formulas,
  ].map((write) => write(data))
}

function nothingToShow(): Markup {
  return section({
    id: 'standings',
    heading: 'Nothing to report of this period',
    content: [
      paragraph(
        'All filters that the ledger knows are deleted, and none of them did anything in this period.',
      ),
    ],
  })
}

function nothingYet(): Markup {
  return section({
    id: 'standings',
    heading: 'Nothing to report yet',
    content: [
      paragraph(
        'The ledger knows no filter. Deploy one (filter-ledger deploy), let its flow record what it stops (POST /actions/record-block), and review a sample of it (POST /actions/report-verdict). Then make this report again.',
      ),
    ],
  })
}
