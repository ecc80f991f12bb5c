import { isDeepStrictEqual } from 'node:util'
import { Equals, IsBoolean, IsString, Matches } from 'class-validator'
import { asRecord } from '../../ledger/entry/as-record.ts'
import { parseFilter } from '../filter/filter-payload.ts'
import { validateInput } from '../validate.ts'
import type { Parsed, Violation } from '../violation.ts'
import type { SetPlan } from './set-plan.ts'

class PlanHead {
  @Equals(1, { message: 'this version reads plans of version 1: make a new plan' })
  planVersion!: number

  @Matches(/^[0-9a-f]{64}$/, { message: '64 hex digits are expected' })
  planId!: string

  @IsString({ message: 'a time is expected' })
  madeAt!: string

  @IsBoolean({ message: 'true or false is expected' })
  prune!: boolean
}

/** Parses a plan from a file or a request. That it is as it was made, its id shows when it is applied. Never throws. */
export function parsePlan(value: unknown): Parsed<SetPlan> {
  const { lines, unchanged, leftAlone, conflicts, quota, basis, ...head } = asRecord(value)
  const parsed = validateInput(PlanHead, head)
  const lists: readonly (readonly [path: string, list: unknown, isRight: (value: unknown) => boolean])[] = [
    ['lines', lines, isNamed],
    ['unchanged', unchanged, isLiveName],
    ['leftAlone', leftAlone, isLiveName],
    ['conflicts', conflicts, isConflict],
  ]
  const violations = [
    ...(parsed.ok ? [] : parsed.violations),
    ...lists.flatMap(([path, list, isRight]) =>
      Array.isArray(list) && list.every(isRight)
        ? []
        : [violation(path, 'a list of named objects is expected')],
    ),
    ...(Array.isArray(lines) ? lines.flatMap(lineViolations) : []),
    ...(isQuota(quota) ? [] : [violation('quota', 'before, after and max are expected')]),
    ...(isBasis(basis) ? [] : [violation('basis', 'digests are expected')]),
  ]
  if (violations.length > 0)
    return {
      ok: false,
      violations: [violation('', 'this is no plan of `filter-ledger plan`'), ...violations],
    }
  return { ok: true, value: value as SetPlan }
}

function lineViolations(line: unknown, i: number): readonly Violation[] {
  const { action, filterId, filter, before, differences, interim } = asRecord(line)
  const at = (member: string): string => `lines.${i}.${member}`
  if (action !== 'create' && action !== 'update' && action !== 'delete')
    return [violation(at('action'), 'create, update or delete is expected')]
  return [
    ...(action !== 'create' && !isText(filterId) ? [violation(at('filterId'), 'an id is expected')] : []),
    ...(action !== 'create' && !isNamed(before) ? [violation(at('before'), 'a filter is expected')] : []),
    ...(action !== 'delete' && !isNamed(filter) ? [violation(at('filter'), 'a filter is expected')] : []),
    ...(action !== 'delete' && isNamed(filter)
      ? filterViolations(at('filter'), { filter, before, interim })
      : []),
    ...(action === 'update' && !(Array.isArray(differences) && differences.every(isDifference))
      ? [violation(at('differences'), 'a list of properties is expected')]
      : []),
  ]
}

/** What a plan writes keeps the rules of the contract, whoever wrote the plan; what moves aside only moves. */
function filterViolations(
  path: string,
  { filter, before, interim }: Readonly<Record<'filter' | 'before' | 'interim', unknown>>,
): readonly Violation[] {
  if (interim === true)
    return isDeepStrictEqual(withoutPriority(filter), withoutPriority(before))
      ? []
      : [violation(path, 'its priority alone may change for a moment')]
  const read = parseFilter(filter)
  return read.ok ? [] : read.violations.map((each) => ({ ...each, path: `${path}.${each.path}` }))
}

function withoutPriority(filter: unknown): object {
  return { ...asRecord(filter), priority: 0 }
}

function isNamed(value: unknown): boolean {
  const { name } = asRecord(value)
  return isText(name)
}

function isLiveName(value: unknown): boolean {
  return isNamed(value) && isText(asRecord(value)['filterId'])
}

function isConflict(value: unknown): boolean {
  return isNamed(value) && isText(asRecord(value)['message'])
}

function isDifference(value: unknown): boolean {
  const { path, found, wanted } = asRecord(value)
  return [path, found, wanted].every(isText)
}

function isBasis(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText)
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isQuota(value: unknown): boolean {
  const { before, after, max } = asRecord(value)
  return [before, after, max].every(Number.isSafeInteger)
}

function violation(path: string, message: string): Violation {
  return { path, code: 'shape', message }
}
