import type { Estimate, Performance } from '../../../ledger/metrics/performance.ts'
import { count, interval, share, tolerance as toleranceText } from '../format.ts'
import type { Markup } from '../html/markup.ts'
import { note, paragraph, section } from '../html/section.ts'
import { foldedTable } from '../html/table.ts'
import type { FilterReport, ReportData } from '../report-data.ts'
import { STANDING_WORDS } from '../standing.ts'
import { whiskers } from '../svg/whiskers.ts'
import type { Whisker } from '../svg/whiskers.ts'

/** Not 0: nothing can be said. */
const NOTHING = 'no verdict in the sample yet'

/** The share of wrong interventions against the tolerance. */
export function falseDiscovery({ filters }: ReportData): Markup {
  return section({
    id: 'false-discovery',
    heading: 'False discovery proportion against the tolerance',
    content: [
      paragraph(
        'Which share of what a filter stopped was wrong, by the reviews of decisions of this period.',
      ),
      whiskers({
        id: 'false-discovery-picture',
        title: 'False discovery proportion, its 95 % interval, and the tolerance',
        description: `${filters.map(({ name, performance }) => `${name}: ${noteOf(performance)}`).join('; ')}.`,
        rows: filters.map(whisker),
      }),
      note(
        'Dot: the share. Whisker: its 95 % Wilson interval. Dashed line: the tolerance, beyond which is shaded. Hollow dot: of what was only flagged, where nothing that was stopped has a verdict. A filter is within when its whole whisker is left of the line, breached when all of it is right of it, else undecided.',
      ),
      foldedTable({
        caption: 'False discovery proportion',
        columns: [
          'filter',
          'verdict',
          'share',
          '95 % interval',
          'tolerance',
          'true',
          'false',
          'unclear',
          'effective n',
          'still to review',
          'of flagged only',
        ],
        rows: filters.map(row),
      }),
    ],
  })
}

function whisker({ name, performance }: FilterReport): Whisker {
  const {
    false_discovery_proportion: proportion,
    shadow_false_discovery_proportion: shadow,
    tolerance,
  } = performance
  return {
    name,
    estimate: proportion ?? shadow,
    note: noteOf(performance),
    tolerance,
    isHollow: !proportion && shadow !== null,
  }
}

function noteOf(performance: Performance): string {
  const {
    false_discovery_proportion: proportion,
    shadow_false_discovery_proportion: shadow,
    tolerance,
  } = performance
  const against = tolerance === null ? 'no tolerance known' : `tolerance ${toleranceText(tolerance)}`
  if (proportion) return `${estimated(proportion)} · ${against}`
  if (shadow) return `flagged only: ${estimated(shadow)} · ${against}`
  return `${NOTHING} · ${against}`
}

function estimated(estimate: Estimate): string {
  return `${share(estimate.value)} (${interval(estimate)})`
}

function row({ name, standing, performance }: FilterReport): readonly string[] {
  const { false_discovery_proportion: proportion, shadow_false_discovery_proportion: shadow } = performance
  const { tolerance, reviews_to_decide: reviews } = performance
  return [
    name,
    STANDING_WORDS[standing].toLowerCase(),
    proportion ? share(proportion.value) : NOTHING,
    proportion ? interval(proportion) : '–',
    tolerance === null ? 'not known' : toleranceText(tolerance),
    count(performance.true_positives),
    count(performance.false_positives),
    count(performance.unclear),
    proportion ? count(proportion.effective_n) : '–',
    reviews === null ? '–' : count(reviews),
    shadow ? estimated(shadow) : 'no verdict yet',
  ]
}
