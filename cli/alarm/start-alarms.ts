import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import { demoteFilter } from '../../actions/alarm/demote-filter.ts'
import type { Pipeline } from '../../actions/pipeline/pipeline.ts'
import type { PromotionDeps } from '../../actions/promotion/promote-filter.ts'
import type { Ledger } from '../../ledger/store/open-ledger.ts'
import type { Config } from '../config.ts'
import type { StartTimer } from '../reconcile/schedule.ts'
import { lookForAlarms } from './look-for-alarms.ts'
import { notifyAlarm } from './notify-alarm.ts'
import { openToldAlarms } from './told-alarms.ts'
import { watchAlarms } from './watch-alarms.ts'
import type { AlarmWatch } from './watch-alarms.ts'

export interface StartAlarmsParts {
  readonly config: Pick<Config, 'alarmDemotion' | 'alarmTarget' | 'database'>
  readonly ledger: Pick<Ledger, 'metrics' | 'onCheckpoint'>
  readonly deps: PromotionDeps
  readonly pipeline: Pipeline
  readonly log: Logger
  readonly startTimer: StartTimer
}

/** Watches for alarms from now on; what an earlier run left undone is looked after first. */
export function startAlarms({
  config,
  ledger,
  deps,
  pipeline,
  log,
  startTimer,
}: StartAlarmsParts): AlarmWatch {
  const now = (): Date => new Date()
  const { alarmTarget: target, alarmDemotion: policy } = config
  const sleep = (ms: number): Promise<void> => setTimeout(ms, undefined, { ref: false })
  const look = lookForAlarms({
    metrics: ledger.metrics,
    append: deps.append,
    records: deps.records,
    entryAt: deps.entryAt,
    journal: deps.journal,
    policy,
    demote: (order) => demoteFilter(deps, pipeline, order),
    telling: target && {
      notify: (alarm) => notifyAlarm(alarm, target, { fetch: globalThis.fetch, now, sleep }),
      told: openToldAlarms(`${config.database}.alarms-told`),
    },
    clockMs: () => performance.now(),
    now,
    log,
  })
  const watch = watchAlarms({ look, startTimer })
  // Any commit may hold a verdict, or a tolerance: to look costs less than to ask which.
  ledger.onCheckpoint(watch.notice)
  watch.notice()
  return watch
}
