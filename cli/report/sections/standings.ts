import { counted } from '../format.ts'
import { cutText } from '../html/cut-text.ts'
import { markup } from '../html/markup.ts'
import type { Markup } from '../html/markup.ts'
import { note, section } from '../html/section.ts'
import type { FilterReport, ReportData } from '../report-data.ts'
import { STANDING_WORDS, STANDINGS } from '../standing.ts'
import { verdictSentence } from '../verdict-sentence.ts'

const NAME_COLUMNS = 160

/** A sentence a filter, alarms first. */
export function standings({ filters, leftOut }: ReportData): Markup {
  const rest =
    leftOut > 0
      ? note(`${counted(leftOut, 'more filter is', 'more filters are')} left out: ask for one with --filter.`)
      : undefined
  return section({
    id: 'standings',
    heading: 'How the filters stand',
    content: [
      markup`<p class="summary">${standingsInWords(filters)}</p>`,
      markup`<ul class="standings">${filters.map(standing)}</ul>`,
      rest,
    ],
  })
}

function standing(filter: FilterReport): Markup {
  const state =
    filter.state === 'enabled' ? undefined : markup` <span class="state">${stateWords(filter.state)}</span>`
  return markup`<li class="${filter.standing}"><span class="badge ${filter.standing}">${STANDING_WORDS[filter.standing]}</span>
<strong><bdi>${cutText(filter.name, NAME_COLUMNS)}</bdi></strong>${state}
<span class="sentence">${verdictSentence(filter)}</span></li>`
}

function stateWords(state: FilterReport['state']): string {
  return state === 'unknown' ? 'no event of its own has arrived' : state
}

/** `1 alarm, 2 undecided, 1 within`, the most urgent first. */
export function standingsInWords(filters: readonly FilterReport[]): string {
  const parts = STANDINGS.flatMap((each) => {
    const found = filters.filter(({ standing: its }) => its === each).length
    return found === 0 ? [] : [`${found} ${STANDING_WORDS[each].toLowerCase()}`]
  })
  return [counted(filters.length, 'filter'), parts.join(', ')].filter((part) => part !== '').join(': ')
}
