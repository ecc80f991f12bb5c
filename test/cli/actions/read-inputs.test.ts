import fc from 'fast-check'
import { readInputs } from '../../../cli/action-run/read-inputs.ts'
import { CliError, EXIT } from '../../../cli/exit.ts'

const SCHEMA = {
  type: 'object',
  properties: {
    filterId: { type: 'string' },
    count: { type: 'integer' },
    share: { type: 'number' },
    enabled: { type: 'boolean' },
    nothing: { type: 'null' },
    maybe: { type: ['integer', 'null'] },
  },
}

describe('the inputs of a run', () => {
  test.each<[string, unknown]>([
    ['filterId=5', '5'],
    ['filterId=', ''],
    ['filterId=a=b', 'a=b'],
    ['filterId= a ', ' a '],
    ['filterId=null', 'null'],
    ['count=5', 5],
    ['count=-5', -5],
    ['count=5.5', '5.5'],
    ['count=05', '05'],
    ['count=', ''],
    ['count=five', 'five'],
    ['count=12345678901234567890', '12345678901234567890'],
    ['share=5.5', 5.5],
    ['share=1e3', 1000],
    ['share=1e999', '1e999'],
    ['share=0x10', '0x10'],
    ['enabled=true', true],
    ['enabled=false', false],
    ['enabled=yes', 'yes'],
    ['nothing=null', null],
    ['maybe=null', null],
    ['maybe=7', 7],
  ])('%s', (pair, expected) => {
    expect(Object.values(readInputs([pair], undefined, SCHEMA))).toEqual([expected])
  })

  test('those written one by one stand over those of a JSON object, which stay as they are', () => {
    expect(readInputs(['count=5'], { count: 4, filterId: 'f', maybe: '7' }, SCHEMA)).toEqual({
      count: 5,
      filterId: 'f',
      maybe: '7',
    })
  })

  test.each<[readonly string[], unknown, string]>([
    [['count'], undefined, '"count" has no value: write name=value'],
    [['count=1', 'count=2'], undefined, '"count" is given twice'],
    [['filterID=1'], undefined, 'there is no input "filterID": did you mean filterId?'],
    [['fiterId=1'], undefined, 'there is no input "fiterId": did you mean filterId?'],
    [
      ['other=1'],
      undefined,
      'there is no input "other": there are filterId, count, share, enabled, nothing, maybe',
    ],
    [[], { cuont: 1 }, 'there is no input "cuont"'],
    [[], ['count'], 'the JSON inputs are a list: write an object, {"name": value}'],
    [['=1'], undefined, 'there is no input ""'],
    [['__proto__=1'], undefined, 'there is no input "__proto__"'],
  ])('%j with %j is refused by name', (pairs, json, message) => {
    const act = (): unknown => readInputs(pairs, json, SCHEMA)
    expect(act).toThrow(expect.objectContaining({ code: EXIT.usage }))
    expect(act).toThrow(message)
  })

  test('all that is wrong is told at once, and an action without inputs says so', () => {
    expect(() => readInputs(['a', 'b=1'], undefined, { type: 'object' })).toThrow(
      '"a" has no value: write name=value; there is no input "b": the action takes none',
    )
  })

  test('any pairs are read or refused', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.jsonValue(), (pairs, json) => {
        try {
          readInputs(pairs, json, SCHEMA)
        } catch (error) {
          expect(error).toBeInstanceOf(CliError)
        }
      }),
    )
  })
})
