import { join } from 'node:path'
import { readSources } from '../../../cli/webhook-sources/read-sources.ts'

const read = (sources: unknown, more: object = {}) =>
  readSources({ path: '/etc/ledger/sources.json', text: JSON.stringify({ sources, ...more }) })
const hub = { scheme: 'hub-sha256', encoding: 'hex', secrets: ['env:HUB'] }
const jws = { scheme: 'jws', algorithms: ['ES256'], jwks: 'keys.json' }

describe('a sources file', () => {
  test('has a source of each scheme, with defaults for what it leaves out', () => {
    const { sources, problems } = read({
      genesys: { ...jws, jwks: 'https://sender.example/jwks.json' },
      raw: { ...jws, b64: false, windowSeconds: 60 },
      hub: { ...hub, secrets: [{ from: 'file:old', until: '2027-01-31T00:00:00Z' }, 'file:/run/new'] },
      hooks: { scheme: 'standard-webhooks', publicKeys: ['whpk_x'], addresses: ['203.0.113.0/24'] },
      bridge: { scheme: 'api-key', secrets: ['env:KEY'], format: 'eventbridge', header: 'x-api-key' },
    })
    expect(problems).toEqual([])
    expect(sources).toMatchObject([
      {
        name: 'genesys',
        header: undefined,
        windowS: 300,
        toleranceS: 300,
        perMinute: 60_000,
        keys: { kind: 'url' },
      },
      { b64: false, windowS: 60, toleranceS: 60, keys: { kind: 'file', path: '/etc/ledger/keys.json' } },
      {
        encoding: 'hex',
        checksEventTime: false,
        secrets: [
          {
            from: { kind: 'file', name: join('/etc/ledger', 'old') },
            until: new Date('2027-01-31T00:00:00Z'),
          },
          { from: { kind: 'file', name: '/run/new' }, until: undefined },
        ],
      },
      { scheme: 'standard-webhooks', secrets: [], addresses: ['203.0.113.0/24'] },
      { scheme: 'api-key', header: 'x-api-key', format: 'eventbridge' },
    ])
  })

  test('tells all that is wrong with it at once, each by its place', () => {
    const { problems } = read(
      {
        Genesys: { ...jws, jwks: 'http://sender.example/jwks.json' },
        a: { ...jws, algorithms: ['HS256'], windowSeconds: '300' },
        b: { ...hub, encoding: 'base32', secrets: ['the secret itself'] },
        c: { scheme: 'guess' },
        d: { ...hub, adresses: ['203.0.113.1'] },
        e: { ...hub, addresses: ['203.0.113.0/99'], secrets: [] },
        f: 7,
      },
      { version: 1 },
    )
    const places = problems.map((problem) => problem.split(' ').slice(1, 3).join(' '))
    for (const place of [
      'sources.Genesys is',
      'sources.Genesys.jwks must',
      'sources.a.algorithms must',
      'sources.a.windowSeconds must',
      'sources.b.encoding must',
      'sources.b.secrets.0 must',
      'sources.c.scheme must',
      'sources.d.adresses is',
      'sources.e.secrets must',
      'sources.f must',
    ])
      expect(places).toContain(place)
    expect(problems.join('\n')).toContain('203.0.113.0/99')
    expect(problems.join('\n')).not.toContain('the secret itself')
    expect(problems).toContainEqual(expect.stringContaining('.version is not known here'))
  })

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['no sources', '{}'],
    ['no source', '{"sources":{}}'],
  ])('that holds %s is refused', (_name, text) => {
    const { problems } = readSources({ path: 'sources.json', text })
    expect(problems.length).toBeGreaterThan(0)
    for (const problem of problems) expect(problem).toMatch(/^sources\.json/)
  })

  test.each([
    ['both jwks and keys', { ...jws, keys: [] }],
    ['neither', { scheme: 'jws', algorithms: ['ES256'] }],
    ['no algorithm', { scheme: 'jws', jwks: 'keys.json' }],
    ['a secret with an odd time', { ...hub, secrets: [{ from: 'env:A', until: 'soon' }] }],
    ['a secret with an odd member', { ...hub, secrets: [{ from: 'env:A', till: '2027-01-01T00:00:00Z' }] }],
    ['a header with a capital', { ...hub, header: 'X-Sig' }],
    ['standard webhooks without any key', { scheme: 'standard-webhooks' }],
    ['no scheme', { secrets: ['env:A'], whatever: 1 }],
    ['a wrong scheme', { ...jws, scheme: 'guess' }],
    ['a source that is no object', 'hub'],
    ['an algorithm that is not known', { ...jws, algorithms: ['ES256', 'HS256'] }],
    ['a shared key with a window', { scheme: 'api-key', secrets: ['env:A'], windowSeconds: 60 }],
    ['a shared key with a tolerance', { scheme: 'api-key', secrets: ['env:A'], clockToleranceSeconds: 60 }],
    ['entity types without eventbridge', { ...hub, filterEntityTypes: ['X'] }],
    ['a window that is null', { ...hub, windowSeconds: null }],
    ['secrets that are null', { ...hub, secrets: null }],
    ['an empty path', { ...jws, jwks: '' }],
  ])('%s is one problem', (_name, source) => {
    expect(read({ s: source }).problems).toHaveLength(1)
  })

  test.each([
    ['jwks', { ...jws, jwks: 5 }, 's.jwks must be'],
    ['jwks as a list', { ...jws, jwks: ['keys.json'] }, 's.jwks must be'],
    ['keys', { scheme: 'jws', algorithms: ['ES256'], keys: 5 }, 's.keys must be a list'],
    ['a URL with a password', { ...jws, jwks: 'https://me:hidden@sender.example/k' }, 'without a password'],
    ['an algorithm twice', { ...jws, algorithms: ['ES256', 'ES256'] }, 's.algorithms names ES256 twice'],
    ['addresses', { ...hub, addresses: ['203.0.113.0/99'] }, 's.addresses has a wrong one: 203'],
    ['a window of null', { ...hub, windowSeconds: null }, 's.windowSeconds must be a whole number'],
  ])('with a wrong member names it: %s', (_name, source, expected) => {
    const { problems } = read({ s: source })
    expect(problems).toEqual([expect.stringContaining(expected)])
    expect(problems.join()).not.toContain('hidden')
  })

  test.each(['content-type', 'content-length', 'transfer-encoding', 'host', 'cookie', 'x-forwarded-for'])(
    'takes no signature from %s',
    (header) => {
      for (const source of [hub, jws, { scheme: 'api-key', secrets: ['env:A'] }])
        expect(read({ s: { ...source, header } }).problems).toEqual([
          expect.stringContaining(`s.header cannot be ${header}`),
        ])
    },
  )

  test.each([
    ['{\n  "sources": {\n    "a": 1,\n  }\n}', 'line 4, column 3 (position 31)'],
    ['{"sources": {"a": the-secret-itself}}', 'line 1, column 19'],
    ['{"sources": {', 'ends too early (position 13)'],
    ['\uFEFF{"sources": {}}', 'byte order mark (position 0)'],
  ])('that is not JSON says where, and nothing else: %j', (text, place) => {
    const { problems } = readSources({ path: 'sources.json', text })
    expect(problems).toEqual([expect.stringMatching(/^sources\.json is not JSON: /)])
    expect(problems[0]).toContain(place)
    expect(problems[0]).not.toContain('secret')
  })

  test('with two sources of one name, or a member twice, does not let the last win', () => {
    const source = JSON.stringify(hub)
    const twoHeaders = source.replace('{', '{"header":"x-a","header":"x-b",')
    const text = `{"sources":{"hub":${source},"hub":${source},"b":${twoHeaders}}}`
    expect(readSources({ path: 'sources.json', text }).problems).toEqual([
      expect.stringContaining('sources.json: sources.hub stands twice'),
      expect.stringContaining('sources.json: sources.b.header stands twice'),
    ])
  })
})
