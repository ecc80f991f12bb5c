import { Transform, Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsNumber,
  IsObject,
  IsString,
  Max,
  Min,
  registerDecorator,
  ValidateIf,
  ValidateNested,
} from 'class-validator'
import type { ValidationArguments } from 'class-validator'
import { shownName, validateInput } from '../validate.ts'
import type { Parsed, Violation } from '../violation.ts'
import {
  BLOCK_ACTIONS,
  CATEGORIES,
  MAX_NAME_LENGTH,
  MAX_PRIORITY,
  MIN_NAME_LENGTH,
  MIN_PRIORITY,
  THRESHOLD_KEYS,
} from './filter-spec.ts'
import type { BlockAction, Category, FilterSpec } from './filter-spec.ts'

/** Marks a rule of our own on a DTO's property: undefined is right, a text says what is wrong. */
function Rule(name: string, check: (value: unknown) => string | undefined): PropertyDecorator {
  return (target, property) => {
    if (typeof property !== 'string') throw new TypeError('a rule belongs to a named property')
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: property,
      validator: {
        validate: (value: unknown) => check(value) === undefined,
        defaultMessage: (args?: ValidationArguments) => check(args?.value) ?? '',
      },
    })
  }
}

const share = { allowNaN: false, allowInfinity: false }
const normalise = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.normalize('NFC').trim() : value
/** `@IsOptional` would let null through as well. */
const IfGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined)

class ConfigPayload {
  @IsArray({ message: 'a list of categories is expected' })
  @ArrayMinSize(1, { message: 'at least one category is needed' })
  @ArrayMaxSize(10, { message: 'at most 10 categories are allowed' })
  @ArrayUnique({ message: 'each category may stand once' })
  @IsIn(CATEGORIES, { each: true, message: `each must be one of ${CATEGORIES.join(', ')}` })
  content_categories!: Category[]

  @IsIn(BLOCK_ACTIONS, { message: `must be one of ${BLOCK_ACTIONS.join(', ')}` })
  block_action!: BlockAction

  // Its keys are data, so its violations carry their own paths: see thresholdViolations.
  @IsObject({ message: 'an object of threshold keys and numbers is expected' })
  thresholds!: Record<string, number>

  @IsNumber(share, { message: 'a number from 0 to 1 is expected' })
  @Min(0, { message: 'must be at least 0' })
  @Max(1, { message: 'must be at most 1' })
  false_positive_tolerance!: number
}

class FilterPayload {
  @Transform(normalise)
  @Rule('filterName', nameProblem)
  name!: string

  @IfGiven()
  @IsString({ message: 'a text is expected' })
  @Rule('maxLength', (value) =>
    typeof value === 'string' && lengthOf(value) > 1024 ? 'at most 1024 characters' : undefined,
  )
  description?: string

  @IfGiven()
  @IsIn(['safety'], { message: 'must be safety' })
  filter_type?: string

  @IfGiven()
  @IsBoolean({ message: 'true or false is expected' })
  enabled?: boolean

  @IfGiven()
  @Rule('priority', priorityProblem)
  priority?: number | 'auto'

  @IsDefined({ message: 'a config is needed' })
  @IsObject({ message: 'an object is expected' })
  @ValidateNested({ message: 'an object is expected' })
  @Type(() => ConfigPayload)
  config!: ConfigPayload
}

/**
 * Parses a filter payload (snake_case, as on the wire): every rule of the contract, every violation with its
 * path in one answer. Strings are not numbers, unknown keys are refused at every level. Never throws.
 */
export function parseFilter(payload: unknown): Parsed<FilterSpec> {
  const parsed = validateInput(FilterPayload, payload)
  const violations = [...(parsed.ok ? [] : parsed.violations), ...thresholdViolations(payload)]
  if (!parsed.ok || violations.length > 0) return { ok: false, violations }
  return { ok: true, value: specOf(parsed.value) }
}

function specOf({ name, description, filter_type, enabled, priority, config }: FilterPayload): FilterSpec {
  return {
    name,
    ...(description !== undefined && { description }),
    filter_type: filter_type ?? 'safety',
    enabled: enabled ?? true,
    priority: priority ?? 'auto',
    config: {
      content_categories: CATEGORIES.filter((category) => config.content_categories.includes(category)),
      block_action: config.block_action,
      thresholds: Object.fromEntries(Object.entries(config.thresholds).sort(([a], [b]) => (a < b ? -1 : 1))),
      false_positive_tolerance: config.false_positive_tolerance,
    },
  }
}

/** In code points: what the database and the API count, unlike UTF-16 units. */
function lengthOf(text: string): number {
  return Array.from(text).length
}

function nameProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'a name is needed'
  const length = lengthOf(value)
  if (length < MIN_NAME_LENGTH || length > MAX_NAME_LENGTH) {
    return `must have ${MIN_NAME_LENGTH} to ${MAX_NAME_LENGTH} characters`
  }
  return /\p{Cc}|\p{Surrogate}/u.test(value) ? 'must not hold control characters' : undefined
}

function priorityProblem(value: unknown): string | undefined {
  if (value === 'auto') return undefined
  if (value === 0) return 'must be 1 to 100; leave it out or say "auto" to have one allocated'
  const fits =
    typeof value === 'number' && Number.isInteger(value) && value >= MIN_PRIORITY && value <= MAX_PRIORITY
  return fits ? undefined : `must be a whole number from ${MIN_PRIORITY} to ${MAX_PRIORITY}, or "auto"`
}

/** Read from the payload itself: class-transformer may drop odd keys such as `__proto__`, and they must be told. */
function thresholdViolations(payload: unknown): readonly Violation[] {
  const thresholds = member(member(payload, 'config'), 'thresholds')
  if (typeof thresholds !== 'object' || thresholds === null || Array.isArray(thresholds)) return []
  const path = 'config.thresholds'
  const entries: readonly (readonly [string, unknown])[] = Object.entries(thresholds)
  if (entries.length < 1 || entries.length > 10) {
    return [{ path, code: 'thresholdCount', message: '1 to 10 thresholds are needed' }]
  }
  return entries.flatMap(([key, value]): readonly Violation[] => {
    const at = `${path}.${shownName(key)}`
    if (!THRESHOLD_KEYS.includes(key)) {
      return [
        {
          path: at,
          code: 'thresholdKey',
          message: `there is no such threshold; there are: ${THRESHOLD_KEYS.join(', ')}`,
        },
      ]
    }
    const fits = typeof value === 'number' && value >= 0 && value <= 1
    return fits ? [] : [{ path: at, code: 'thresholdRange', message: 'a number from 0 to 1 is expected' }]
  })
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}
