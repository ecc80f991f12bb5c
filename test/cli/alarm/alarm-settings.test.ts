import { alarmSettings } from '../../../cli/alarm/alarm-settings.ts'
import { EnvReader } from '../../../cli/env-reader.ts'
import type { Env } from '../../../cli/env-reader.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

function read(env: Env) {
  const reader = new EnvReader(env)
  return { ...alarmSettings(reader), problems: reader.problems }
}

describe('settings of the alarm', () => {
  test('by default nothing follows an alarm', () => {
    expect(read({})).toEqual({
      alarmDemotion: { enabled: false, mustBlock: [] },
      alarmTarget: undefined,
      problems: [],
    })
  })

  test('are read', () => {
    const { alarmDemotion, alarmTarget, problems } = read({
      FILTER_LEDGER_ALARM_DEMOTE: 'on',
      FILTER_LEDGER_MUST_BLOCK: 'self_harm, pii',
      FILTER_LEDGER_ALARM_URL: 'https://hooks.example.com/a',
      FILTER_LEDGER_ALARM_SECRET: SECRET,
    })
    expect(problems).toEqual([])
    expect(alarmDemotion).toEqual({ enabled: true, mustBlock: ['self_harm', 'pii'] })
    expect(alarmTarget?.url.href).toBe('https://hooks.example.com/a')
    expect(alarmTarget?.keys).toMatchObject([{ version: 'v1' }])
  })

  test('are told together when they are wrong, and no secret is quoted', () => {
    const { problems } = read({
      FILTER_LEDGER_ALARM_DEMOTE: 'yes',
      FILTER_LEDGER_MUST_BLOCK: 'pii,hate',
      FILTER_LEDGER_ALARM_URL: 'http://hooks.example.com/a',
      FILTER_LEDGER_ALARM_SECRET: 'whsec_c2hvcnQ=',
    })
    expect(problems).toHaveLength(4)
    for (const name of ['ALARM_DEMOTE', 'MUST_BLOCK', 'ALARM_URL', 'ALARM_SECRET'])
      expect(problems.some((problem) => problem.startsWith(`FILTER_LEDGER_${name} `))).toBe(true)
    expect(problems.join()).not.toContain('c2hvcnQ')
  })

  test('a secret with nowhere to send to is a mistake', () => {
    expect(read({ FILTER_LEDGER_ALARM_SECRET: SECRET }).problems).toEqual([
      'FILTER_LEDGER_ALARM_SECRET signs nothing without FILTER_LEDGER_ALARM_URL',
    ])
  })
})
