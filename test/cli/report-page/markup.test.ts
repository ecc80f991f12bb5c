import { count, decimal, duration, share, shortDate, tolerance } from '../../../cli/report/format.ts'
import { cutText } from '../../../cli/report/html/cut-text.ts'
import { escapeText, markup } from '../../../cli/report/html/markup.ts'
import { table } from '../../../cli/report/html/table.ts'
import { ticks } from '../../../cli/report/svg/ticks.ts'
import { picture, svgText } from '../../../cli/report/svg/picture.ts'

describe('a text that others chose', () => {
  test.each([
    ['</script><script>alert(1)</script>', '&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;'],
    [`"><a title='x'>&amp;`, '&quot;&gt;&lt;a title=&#39;x&#39;&gt;&amp;amp;'],
    ['a\u202eb\u2066c\u200fd', 'a?b?c?d'],
    ['one\ntwo\r\0\u2028three', 'one?two???three'],
    ['half \ud83d of a pair, and \ud83d\ude00 whole', 'half ? of a pair, and \ud83d\ude00 whole'],
  ])('%j is escaped, on one line, and turns nothing around', (text, escaped) => {
    expect(escapeText(text)).toBe(escaped)
    expect(markup`<p title="${text}">${text}</p>`.markup).toBe(`<p title="${escaped}">${escaped}</p>`)
  })

  test('is escaped in titles, descriptions, texts and cells, and markup of ours is taken once', () => {
    const name = '</title><script>'
    const drawn = [svgText(name, { x: 0, y: 0 })]
    const all = [
      picture({ id: 'x', title: name, description: name, height: 1, drawn }),
      table({ caption: name, columns: [name, name], rows: [[name, markup`<bdi>${name}</bdi>`]] }),
    ]
    const text = markup`${all}`.markup
    expect(text).not.toContain('<script')
    expect(text.match(/&lt;\/title&gt;&lt;script&gt;/g)).toHaveLength(9)
    expect(text).not.toContain('&amp;')
  })

  test.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['漢字漢字', 5, '漢字…'],
    ['漢字漢', 6, '漢字漢'],
    ['', 5, ''],
  ])('%j in %i columns is %j', (text, columns, cut) => {
    expect(cutText(text, columns)).toBe(cut)
  })
})

describe('numbers in words', () => {
  test.each([
    [0, '0 %'],
    [0.00001, '< 0.01 %'],
    [0.0012, '0.12 %'],
    [0.05, '5 %'],
    [0.2479, '24.8 %'],
    [0.99999, '> 99.9 %'],
    [1, '100 %'],
    [12.345, '1,235 %'],
  ])('the share %d is %s: none alone is 0 %%, and all alone is 100 %%', (value, text) => {
    expect(share(value).replaceAll('\u00a0', ' ')).toBe(text)
  })

  test('counts, times and what was set', () => {
    const words = [
      count(12345),
      tolerance(0.0123456),
      duration(999),
      duration(1500),
      duration(120_000),
      decimal(1),
    ]
    expect(words.join('; ').replaceAll('\u00a0', ' ')).toBe('12,345; 1.23456 %; 999 ms; 1.5 s; 2 min; 1.00')
    expect([shortDate(0, false), shortDate(0, true)]).toEqual(['1 Jan', 'Jan 1970'])
  })

  test.each([
    [0, 4, 1],
    [1, 4, 1],
    [47, 4, 1],
    [1e7, 4, 1],
    [0.01, 5, 0],
    [0.3, 5, 0],
    [1, 5, 0],
  ])('the marks of an axis up to %d begin at 0, reach it, and are few and even', (greatest, steps, least) => {
    const marks = ticks(greatest, steps, least)
    expect(marks[0]).toBe(0)
    expect(marks.at(-1)).toBeGreaterThanOrEqual(greatest)
    expect(marks.length).toBeLessThanOrEqual(steps + 2)
    const step = marks[1] ?? 0
    expect(step).toBeGreaterThan(0)
    marks.forEach((mark, i) => expect(mark).toBeCloseTo(i * step, 9))
  })
})
