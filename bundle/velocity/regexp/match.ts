import { BundleError } from '../../bundle-error.ts'
import { type Budget, spendSteps } from '../budget.ts'
import type { Pattern, Regexp } from './pattern.ts'

/** Deeper recursion than this could end the stack of the process. */
const MAX_DEPTH = 600

export interface Match {
  readonly start: number
  readonly end: number
  /** The texts of the groups, from 1; index 0 is the whole. */
  readonly groups: readonly (string | undefined)[]
}

interface State {
  readonly text: string
  readonly budget: Budget
  readonly captures: (readonly [number, number] | undefined)[]
  depth: number
}

/** Goes on with the rest of the expression; whether that holds. */
type Next = (at: number) => boolean

/**
 * Finds an expression in a text from `from` on; with `whole`, it must take the text to its end from there. Undefined: it is
 * not there. Tries one way after the other and pays each from the budget: throws a BundleError when that is spent.
 */
export function findMatch(
  regexp: Regexp,
  text: string,
  from: number,
  budget: Budget,
  whole = false,
): Match | undefined {
  for (let start = from; start <= text.length; start += 1) {
    spendSteps(budget)
    const state: State = { text, budget, captures: [], depth: 0 }
    let end = -1
    const found = go(state, regexp.pattern, start, (at) => {
      if (whole && at !== text.length) return false
      end = at
      return true
    })
    if (found) return { start, end, groups: groupsOf(regexp, state, start, end) }
    if (whole) return undefined
  }
  return undefined
}

function groupsOf(regexp: Regexp, { text, captures }: State, start: number, end: number): Match['groups'] {
  return Array.from({ length: regexp.captures + 1 }, (_, i) => {
    const capture = i === 0 ? ([start, end] as const) : captures[i]
    return capture && text.slice(...capture)
  })
}

function go(state: State, pattern: Pattern, at: number, next: Next): boolean {
  spendSteps(state.budget)
  state.depth += 1
  if (state.depth > MAX_DEPTH)
    throw new BundleError(
      'template-invalid',
      'a regular expression repeats a group too often in this text: repeat a class of characters instead',
    )
  const held = goOn(state, pattern, at, next)
  state.depth -= 1
  return held
}

function goOn(state: State, pattern: Pattern, at: number, next: Next): boolean {
  switch (pattern.kind) {
    case 'characters':
      return stepOver(state, pattern.has, at, next)
    case 'sequence':
      return goSequence(state, pattern.parts, 0, at, next)
    case 'choice':
      return pattern.choices.some((choice) => go(state, choice, at, next))
    case 'capture':
      return goCapture(state, pattern, at, next)
    case 'repeat':
      return pattern.part.kind === 'characters'
        ? goCharacters(state, pattern, pattern.part.has, at, next)
        : goRepeat(state, pattern, at, next)
    case 'assertion':
      return pattern.holds(state.text, at) && next(at)
    case 'look':
      return looks(state, pattern, at) === pattern.wanted && next(at)
    case 'atomic':
      return goAtomic(state, pattern.part, at, next)
    case 'again':
      return goAgain(state, pattern, at, next)
  }
}

function stepOver({ text }: State, has: (codePoint: number) => boolean, at: number, next: Next): boolean {
  const codePoint = text.codePointAt(at)
  return codePoint !== undefined && has(codePoint) && next(at + (codePoint > 0xffff ? 2 : 1))
}

function goSequence(state: State, parts: readonly Pattern[], from: number, at: number, next: Next): boolean {
  const part = parts[from]
  return part ? go(state, part, at, (end) => goSequence(state, parts, from + 1, end, next)) : next(at)
}

type Capture = Extract<Pattern, { kind: 'capture' }>
type Repeat = Extract<Pattern, { kind: 'repeat' }>
type Look = Extract<Pattern, { kind: 'look' }>
type Again = Extract<Pattern, { kind: 'again' }>

function goCapture(state: State, { number, part }: Capture, at: number, next: Next): boolean {
  const before = state.captures[number]
  const held = go(state, part, at, (end) => {
    const inner = state.captures[number]
    state.captures[number] = [at, end]
    if (next(end)) return true
    state.captures[number] = inner
    return false
  })
  if (!held) state.captures[number] = before
  return held
}

/** Characters are counted in a loop, so that a long text is no deep recursion. */
function goCharacters(
  state: State,
  { least, most, mode }: Repeat,
  has: (codePoint: number) => boolean,
  at: number,
  next: Next,
): boolean {
  const ends = [at]
  const more = () => {
    spendSteps(state.budget)
    const end = ends.at(-1) ?? at
    return ends.length <= most && stepOver(state, has, end, (after) => ends.push(after) > 0)
  }
  const tryAt = (count: number) => count >= least && next(ends[count] ?? at)
  if (mode === 'lazy') {
    do if (tryAt(ends.length - 1)) return true
    while (more())
    return false
  }
  while (more());
  if (mode === 'possessive') return tryAt(ends.length - 1)
  for (let count = ends.length - 1; count >= least; count -= 1) {
    spendSteps(state.budget)
    if (tryAt(count)) return true
  }
  return false
}

function goRepeat(state: State, repeat: Repeat, at: number, next: Next): boolean {
  if (repeat.mode === 'possessive') return goAtomic(state, { ...repeat, mode: 'greedy' }, at, next)
  const turn = (count: number, from: number): boolean => {
    const again = () =>
      count < repeat.most &&
      // A turn that takes nothing would go on for ever.
      go(state, repeat.part, from, (end) =>
        end === from && count >= repeat.least ? false : turn(count + 1, end),
      )
    if (count < repeat.least) return again()
    return repeat.mode === 'lazy' ? next(from) || again() : again() || next(from)
  }
  return turn(0, at)
}

function goAtomic(state: State, part: Pattern, at: number, next: Next): boolean {
  let end = -1
  const held = go(state, part, at, (after) => {
    end = after
    return true
  })
  return held && next(end)
}

function looks(state: State, { part, behind }: Look, at: number): boolean {
  if (!behind) return go(state, part, at, () => true)
  for (let from = at; from >= 0; from -= 1) if (go(state, part, from, (end) => end === at)) return true
  return false
}

function goAgain(state: State, { number, ignoreCase }: Again, at: number, next: Next): boolean {
  const capture = state.captures[number]
  if (!capture) return false
  const wanted = state.text.slice(...capture)
  const found = state.text.slice(at, at + wanted.length)
  spendSteps(state.budget, wanted.length)
  const same = ignoreCase ? found.toLowerCase() === wanted.toLowerCase() : found === wanted
  return same && next(at + wanted.length)
}
