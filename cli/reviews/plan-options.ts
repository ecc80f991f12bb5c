import { parseSamplingRequest } from '../../actions/reviews/sampling-request.ts'
import { CliError, EXIT } from '../exit.ts'

export interface PlanOptions {
  readonly rate?: string
  readonly stratum?: readonly string[]
  readonly secondRate?: string
  readonly seed?: string
  readonly requestId?: string
}

/**
 * The plan that options ask for; undefined where they name none.
 *
 * @throws CliError that names each option that is wrong
 */
export function planRequest(options: PlanOptions): object | undefined {
  const { rate, stratum = [], secondRate, seed, requestId } = options
  if (rate === undefined && stratum.length === 0 && secondRate === undefined && seed === undefined)
    return undefined
  if (rate === undefined)
    throw new CliError(EXIT.usage, 'a plan is made whole: give --rate too, for what no --stratum names')
  const request = {
    rate: numberOf('--rate', rate),
    strata: stratum.map(stratumOf),
    ...(secondRate !== undefined && { secondRate: numberOf('--second-rate', secondRate) }),
    ...(seed !== undefined && { seed }),
    ...(requestId !== undefined && { requestId }),
  }
  const parsed = parseSamplingRequest(request)
  if (parsed.ok) return request
  const wrong = parsed.violations.map(
    ({ path, message }) => `${optionOf(path, stratum)}: ${wordsOf(message, stratum)}`,
  )
  throw new CliError(EXIT.usage, wrong.join('; '))
}

/** `pii=0.5`, `pii:0.9-1.0=0.5`, or `*:0.9-1.0=0.5` for any category. */
function stratumOf(text: string): object {
  const [, category = '', band, rate = ''] = /^([^:=]+)(?::([^:=]+))?=([^:=]+)$/.exec(text) ?? []
  if (category === '')
    throw new CliError(
      EXIT.usage,
      `--stratum takes CATEGORY=RATE, CATEGORY:BAND=RATE or *:BAND=RATE, such as pii:0.9-1.0=0.05, and not ${JSON.stringify(text)}`,
    )
  return {
    ...(category !== '*' && { category }),
    ...(band !== undefined && { band }),
    rate: numberOf('--stratum', rate),
  }
}

function numberOf(option: string, text: string): number {
  if (/^\d{0,9}\.?\d{1,9}$/.test(text)) return Number(text)
  throw new CliError(EXIT.usage, `${option} takes a number such as 0.2, and not ${JSON.stringify(text)}`)
}

/** What the person typed, for a path of the request. */
function optionOf(path: string, strata: readonly string[]): string {
  const [, place] = /^strata\.(\d+)/.exec(path) ?? []
  if (place !== undefined) return `--stratum ${strata[Number(place)] ?? ''}`
  if (path === 'strata') return '--stratum'
  return `--${path.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function wordsOf(message: string, strata: readonly string[]): string {
  return message.replace(/strata\.(\d+)/g, (_, place: string) => strata[Number(place)] ?? '')
}
