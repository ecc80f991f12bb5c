import type { DemotionPolicy } from '../../actions/alarm/decide-demotion.ts'
import { CATEGORIES } from '../../actions/filter/filter-spec.ts'
import type { EnvReader } from '../env-reader.ts'
import { CliError } from '../exit.ts'
import type { StandardWebhooksKey } from '../webhook/sign-standard-webhooks.ts'
import { parseStandardWebhooksKey } from '../webhook/standard-webhooks-key.ts'

/** What follows an alarm. */
export interface AlarmConfig {
  readonly alarmDemotion: DemotionPolicy
  /** Where alarms are told; undefined: nowhere. */
  readonly alarmTarget: AlarmTarget | undefined
}

export interface AlarmTarget {
  /** May hold a secret in its path: only its host is ever printed. */
  readonly url: URL
  /** None: what is sent is not signed. */
  readonly keys: readonly StandardWebhooksKey[]
}

/** Reads them; what is wrong goes to the reader's problems. */
export function alarmSettings(reader: EnvReader): AlarmConfig {
  return {
    alarmDemotion: {
      enabled: reader.oneOf('FILTER_LEDGER_ALARM_DEMOTE', ['on', 'off'], 'off') === 'on',
      mustBlock: mustBlock(reader),
    },
    alarmTarget: alarmTarget(reader),
  }
}

function mustBlock(reader: EnvReader): readonly string[] {
  const names = (reader.text('FILTER_LEDGER_MUST_BLOCK') ?? '')
    .split(',')
    .flatMap((name) => name.trim() || [])
  const isKnown = names.every((name) => CATEGORIES.some((category) => category === name))
  if (!isKnown)
    reader.problems.push(
      `FILTER_LEDGER_MUST_BLOCK must be a comma-separated list of ${CATEGORIES.join(', ')}`,
    )
  return names
}

function alarmTarget(reader: EnvReader): AlarmTarget | undefined {
  const text = reader.text('FILTER_LEDGER_ALARM_URL')
  const keys = alarmKeys(reader)
  if (text !== undefined) return { url: reader.url('FILTER_LEDGER_ALARM_URL', text), keys }
  if (reader.text('FILTER_LEDGER_ALARM_SECRET') !== undefined)
    reader.problems.push('FILTER_LEDGER_ALARM_SECRET signs nothing without FILTER_LEDGER_ALARM_URL')
  return undefined
}

function alarmKeys(reader: EnvReader): readonly StandardWebhooksKey[] {
  const text = reader.text('FILTER_LEDGER_ALARM_SECRET')
  if (text === undefined) return []
  try {
    return [parseStandardWebhooksKey(text, 'FILTER_LEDGER_ALARM_SECRET')]
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    reader.problems.push(error.message)
    return []
  }
}
