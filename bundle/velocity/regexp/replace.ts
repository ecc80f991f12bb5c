import { BundleError } from '../../bundle-error.ts'
import { type Budget, spendCharacters } from '../budget.ts'
import { findMatch, type Match } from './match.ts'
import { parseRegexp } from './parse-regexp.ts'
import type { Regexp } from './pattern.ts'

/** Java's `replace`: every occurrence of a text, as it stands. */
export function replaced(text: string, wanted: string, by: string, budget: Budget): string {
  const parts = wanted === '' ? ['', ...text.split(''), ''] : text.split(wanted)
  spendCharacters(budget, (parts.length - 1) * by.length)
  return parts.join(by)
}

/** Java's `matches`: whether a regular expression takes the whole text. */
export function wholeMatches(text: string, source: string, budget: Budget): boolean {
  return findMatch(parseRegexp(source), text, 0, budget, true) !== undefined
}

/** Java's `replaceAll` and `replaceFirst`. In `by`, `$1` and `${name}` stand for groups, and a backslash escapes. */
export function replacedAll(text: string, source: string, by: string, budget: Budget, most: number): string {
  const regexp = parseRegexp(source)
  const out: string[] = []
  let done = 0
  for (const match of matchesOf(regexp, text, budget, most)) {
    const inserted = expanded(regexp, match, by)
    spendCharacters(budget, inserted.length)
    out.push(text.slice(done, match.start), inserted)
    done = match.end
  }
  return [...out, text.slice(done)].join('')
}

/** Java's `split`: limit 0 drops empty texts at the end; a positive one is the most parts that there may be. */
export function splitBy(text: string, source: string, limit: number, budget: Budget): string[] {
  const parts: string[] = []
  let done = 0
  for (const { start, end } of matchesOf(
    parseRegexp(source),
    text,
    budget,
    limit > 0 ? Infinity : Infinity,
  )) {
    if (limit > 0 && parts.length === limit - 1) break
    // An expression that takes nothing does not split off an empty text at the start.
    if (end === 0) continue
    parts.push(text.slice(done, start))
    done = end
  }
  parts.push(text.slice(done))
  if (limit === 0) while (parts.length > 1 && parts.at(-1) === '') parts.pop()
  return parts
}

function* matchesOf(regexp: Regexp, text: string, budget: Budget, most: number): Generator<Match> {
  let from = 0
  for (let count = 0; count < most; count += 1) {
    const match = findMatch(regexp, text, from, budget)
    if (!match) return
    yield match
    from = match.end === match.start ? match.end + 1 : match.end
    if (from > text.length) return
  }
}

function expanded(regexp: Regexp, { groups }: Match, by: string): string {
  return by.replace(
    /\\([^]?)|\$(?:\{(\w*)\}|(\d*))/g,
    (_, escaped?: string, name?: string, digits?: string) => {
      if (escaped !== undefined)
        return escaped === '' ? refuseReplacement('it ends with a backslash') : escaped
      if (name !== undefined) {
        const number = regexp.names.get(name)
        return number === undefined ? refuseReplacement(`there is no group ${name}`) : (groups[number] ?? '')
      }
      if (digits === undefined || digits === '')
        return refuseReplacement('"$" is not followed by a group: write \\$')
      // As many digits as make the number of a group.
      let length = 1
      while (length < digits.length && Number(digits.slice(0, length + 1)) <= regexp.captures) length += 1
      const number = Number(digits.slice(0, length))
      if (number > regexp.captures) return refuseReplacement(`there is no group ${number}`)
      return (groups[number] ?? '') + digits.slice(length)
    },
  )
}

function refuseReplacement(why: string): never {
  throw new BundleError('template-invalid', `the text that replaces a match cannot be used: ${why}`)
}
