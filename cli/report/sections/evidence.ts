import { FORMULAS } from '../../../ledger/metrics/metrics-summary.ts'
import { count, counted, decimal, share } from '../format.ts'
import type { Markup } from '../html/markup.ts'
import { facts, note, paragraph, section } from '../html/section.ts'
import type { LedgerState } from '../ledger-state.ts'
import type { ReportData } from '../report-data.ts'

/** What waits for reviewers, and how far two of them agree. */
export function reviews({ reviews: { waiting, agreement } }: ReportData): Markup {
  const { value, agreement: agreed, pairs, unclear } = agreement
  return section({
    id: 'reviews',
    heading: 'Reviews',
    content: [
      note('As it stands now, whatever the period.'),
      facts([
        ['wait for a verdict', count(waiting.verdict)],
        ['wait for a second reviewer', count(waiting.second)],
        ['wait for an adjudication', count(waiting.adjudication)],
        ['labelled by two', `${counted(pairs, 'pair')}, ${count(unclear)} more with an unclear label`],
        ['the two agree', agreed === undefined ? 'nothing labelled by two yet' : share(agreed)],
        ["Cohen's kappa", value === undefined ? 'not estimable' : decimal(value)],
      ]),
    ],
  })
}

/** The ledger that the numbers are made of. */
export function integrity({ ledger }: ReportData): Markup {
  const { checkpoint, size } = ledger
  const head = checkpoint
    ? facts([
        ['origin', checkpoint.origin],
        ['entries', count(size)],
        ['newest checkpoint', counted(checkpoint.size, 'entry', 'entries')],
        ['root hash', checkpoint.root],
        ['signing key', checkpoint.keyId ?? 'not known'],
        ['cosignatures', count(checkpoint.cosignatures)],
      ])
    : paragraph('There is no entry yet, and so no checkpoint.')
  return section({
    id: 'integrity',
    heading: 'Ledger integrity',
    content: [head, paragraph(verifiedInWords(ledger))],
  })
}

function verifiedInWords({ verified, size }: LedgerState): string {
  if (!verified) return 'Not verified in this run; run filter-ledger ledger verify.'
  if (verified.ok) {
    const newer = size - verified.size
    const beyond =
      newer > 0
        ? ` ${counted(newer, 'entry is newer and was', 'entries are newer and were')} not verified.`
        : ''
    return `Verified in this run: whole, ${counted(verified.size, 'entry', 'entries')}, root ${verified.root}.${beyond}`
  }
  const [first] = verified.findings
  const example = first ? ` The first is at entry ${first.index}: ${first.message} (${first.code}).` : ''
  return `NOT WHOLE: verifying found ${counted(verified.findingCount, 'fault')}. Do not rely on this report.${example}`
}

/** How each number is made. */
export function formulas(): Markup {
  return section({
    id: 'formulas',
    heading: 'How the numbers are computed',
    content: [facts(Object.entries(FORMULAS))],
  })
}
