import { maskSecrets, maskText, secretsOf } from '../../../cli/action-run/mask-secrets.ts'

const SECRET = 'p@ss "w&rd/+\\é='
const masked = (text: string) => maskText(text, [SECRET])

describe('what is printed of a secret', () => {
  test.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON that stands in JSON', JSON.stringify(JSON.stringify(SECRET)).slice(3, -3)],
    ['in a path', encodeURIComponent(SECRET)],
    ['in a form', new URLSearchParams({ '': SECRET }).toString().slice(1)],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64 in a URL', encodeURIComponent(Buffer.from(SECRET).toString('base64'))],
  ])('is nothing, %s', (_way, form) => {
    expect(masked(`<${form}>`)).toBe('<(hidden)>')
  })

  test.each(['', 'i', 'id', 'id:', 'long-id:'])('is nothing in base64, behind "%s"', (before) => {
    const shown = masked(Buffer.from(`${before}${SECRET}:after`).toString('base64'))
    expect(shown).toContain('(hidden)')
    expect(Buffer.from(shown.replace('(hidden)', ''), 'base64').toString('latin1')).not.toMatch(
      /[p@s]{2}|w&r/,
    )
  })

  test('is nothing in members and lists, and a text without it stays', () => {
    const shown = maskSecrets({ a: [encodeURIComponent(SECRET)], b: 'order 42' }, [SECRET])
    expect(shown).toEqual({ a: ['(hidden)'], b: 'order 42' })
  })

  test('a short text is no secret, and a lone surrogate no crash', () => {
    expect(maskText('a=abc', ['abc'])).toBe('a=abc')
    expect(maskText('a=abcd\ud800', ['abcd\ud800'])).toBe('a=(hidden)')
  })

  test('of what an auth action gave, the token is one, and its type and scope are not', () => {
    expect(secretsOf({ access_token: 'eyJh', token_type: 'bearer', scope: 'a b', expires_in: 900 })).toEqual([
      'eyJh',
    ])
  })
})
