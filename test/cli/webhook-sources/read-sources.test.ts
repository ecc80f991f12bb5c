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
        header: 'x-genesys-signature',
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
  ])('%s is one problem', (_name, source) => {
    expect(read({ s: source }).problems).toHaveLength(1)
  })
})
