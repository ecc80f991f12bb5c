import { readArchiveLimit } from '../../cli/archive-limit.ts'

describe('up to where to archive', () => {
  test.each([
    ['2025-01-01', { time: '2025-01-01T00:00:00.000Z' }],
    ['2025-01-01T12:30:00Z', { time: '2025-01-01T12:30:00.000Z' }],
    ['2025-01-01T12:30:00.5Z', { time: '2025-01-01T12:30:00.500Z' }],
    ['0', { index: 0 }],
    ['100', { index: 100 }],
    ['25600', { index: 25_600 }],
    ['1000000', { index: 1_000_000 }],
  ])('is %s', (before, limit) => {
    expect(readArchiveLimit({ before })).toEqual(limit)
  })

  test.each([
    '2025',
    '202501',
    '20250101',
    '19991231',
    '20250101120000',
    '1735689600',
    '1735689600000',
    // No zone: this machine's would be taken.
    '2025-01-01T00:00:00',
    '2025-01-01 00:00',
    '2025-01-01T00:00:00+02:00',
    '2025-02-30',
    '2025-1-1',
    '2025-01',
    '-1',
    '1e6',
    '',
    'x',
  ])('is not %j, which could be taken for another', (before) => {
    expect(() => readArchiveLimit({ before })).toThrow(
      expect.objectContaining({
        code: 2,
        message: expect.stringContaining('2025-01-01T00:00:00Z') as string,
      }),
    )
  })

  test('is any index where an index is asked for, and one thing alone', () => {
    expect(readArchiveLimit({ beforeIndex: '20250101' })).toEqual({ index: 20_250_101 })
    expect(() => readArchiveLimit({ before: '20250101' })).toThrow('--before-index')
    for (const options of [{}, { before: '1', beforeIndex: '1' }, { beforeIndex: '2025-01-01' }])
      expect(() => readArchiveLimit(options)).toThrow(expect.objectContaining({ code: 2 }))
  })
})
