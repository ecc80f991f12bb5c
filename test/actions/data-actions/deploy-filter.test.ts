import { deployFilterAction, toDeployInput } from '../../../actions/data-actions/deploy-filter.ts'
import type { DataAction } from '../../../actions/data-actions/action.ts'
import { filterPayload } from '../../sandbox/sandbox-caller.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { openHouse } from '../pipeline/pipeline-house.ts'
import type { House } from '../pipeline/pipeline-house.ts'
import { underWayOf } from './under-way-of.ts'
import { context } from './action-ledger.ts'

describe('deploying a filter by data action', () => {
  let house: House
  let deployFilter: DataAction

  beforeEach(async () => {
    house = await openHouse()
    deployFilter = deployFilterAction(house.pipeline, underWayOf(house))
  })
  afterEach(() => house.close())
  afterAll(removeTempFolders)

  const flat = {
    name: 'guard',
    contentCategories: 'pii, hate_speech',
    blockAction: 'block_and_log',
    thresholds: 'toxicity=0.80,pii_confidence=0.92',
    falsePositiveTolerance: 0.03,
  }
  /** As a request template renders what a flow did not set. */
  const unset = {
    description: '',
    filterType: '',
    enabled: null,
    priority: 'NOT_SET',
    onConflict: '',
    requestId: '',
  }

  test('takes flat inputs, unset ones too, and answers in flat fields', async () => {
    const result = await deployFilter({ ...flat, ...unset }, context)
    expect(result).toMatchObject({ status: 'registered', filterName: 'guard', priority: 10, errorCode: '' })
    for (const value of Object.values(result)) {
      if (!Array.isArray(value)) expect(['string', 'number', 'boolean']).toContain(typeof value)
    }
    expect((await house.world()).filters).toMatchObject([
      {
        config: {
          content_categories: ['hate_speech', 'pii'],
          thresholds: { toxicity: 0.8, pii_confidence: 0.92 },
        },
      },
    ])
  })

  test('answers with the same fields, whatever became of it', async () => {
    const registered = await deployFilter(flat, context)
    const again = await deployFilter({ ...flat, requestId: 'r-1' }, context)
    const rejected = await deployFilter({}, context)
    const conflict = await deployFilter({ ...flat, description: 'another' }, context)
    expect([registered, again, rejected, conflict].map(({ status }) => status)).toEqual([
      'registered',
      'unchanged',
      'rejected',
      'conflict',
    ])
    const fields = Object.keys(registered).sort()
    for (const result of [again, rejected, conflict]) expect(Object.keys(result).sort()).toEqual(fields)
  })

  test('records who asked, for whom and why', async () => {
    await deployFilter({ ...flat, onBehalfOf: 'u-1', reason: 'an audit', ticketRef: 'T-1' }, context)
    expect(house.entries()[0]).toMatchObject({
      ...context,
      actor: { ...context.actor, onBehalfOf: 'u-1' },
      data: { reason: 'an audit', ticketRef: 'T-1' },
    })
  })

  test('names what is wrong with the filter and with the request in one answer', async () => {
    const result = await deployFilter(
      { ...flat, name: 'x', enabled: 'true', onConflict: 'fight', requestId: 'a b', colour: 'red' },
      context,
    )
    expect(result).toMatchObject({ status: 'rejected', errorCode: 'payload_invalid' })
    const violations = result['violations']
    const paths = Array.isArray(violations) ? violations.map((text: string) => text.split(':')[0]) : []
    expect(new Set(paths)).toEqual(new Set(['name', 'enabled', 'onConflict', 'requestId', 'colour']))
    expect(house.story()).toEqual(['deployment.rejected'])
  })

  test.each([[undefined], ['text'], [[]]])('refuses %j, which is no object', async (input) => {
    expect(await deployFilter(input, context)).toMatchObject({ status: 'rejected' })
  })

  test('takes what a payload file becomes', async () => {
    expect(await deployFilter(toDeployInput(filterPayload('guard')), context)).toMatchObject({
      status: 'registered',
    })
  })
})
