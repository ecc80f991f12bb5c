import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSources } from '../../../cli/webhook-sources/open-sources.ts'
import { readSources } from '../../../cli/webhook-sources/read-sources.ts'
import { startKeyServer } from '../../receiver/keys/key-server.ts'
import { makeSigner } from '../../receiver/signer.ts'
import { EVENT_TYPES, SIGNATURE_HEADER } from '../../support/test-receiver.ts'

const NOW = new Date('2026-01-31T12:00:00Z')
const SECRET = randomBytes(32).toString('hex')
const WHSEC = `whsec_${randomBytes(32).toString('base64')}`
const WHPK = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='
const DAY = 86_400_000
const inDays = (days: number): string => new Date(NOW.getTime() + days * DAY).toISOString()
const hub = { scheme: 'hub-sha256', encoding: 'hex', secrets: ['env:HUB'] }

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'filter-ledger-sources-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What starting with the sources comes to: '' or the refusal, and the warnings. */
async function start(sources: object): Promise<{ refusal: string; warned: readonly object[] }> {
  const { sources: configs, problems } = readSources({
    path: join(folder, 'sources.json'),
    text: JSON.stringify({ sources }),
  })
  expect(problems).toEqual([])
  const warned: object[] = []
  const opening = openSources(configs, {
    events: EVENT_TYPES,
    signatureHeader: SIGNATURE_HEADER,
    metrics: { countKeyFetch: () => undefined, watchKeys: () => undefined },
    env: { HUB: SECRET, NEXT: SECRET, HOOKS: WHSEC, SPACED: `${SECRET} ${SECRET.slice(5)}` },
    now: () => NOW,
    log: { warn: (facts: object) => void warned.push(facts) },
  })
  return opening.then(
    (opened) => {
      expect(opened.map(({ name }) => name)).toEqual(Object.keys(sources))
      return { refusal: '', warned }
    },
    (error: unknown) => {
      expect(error).toMatchObject({ name: 'CliError', code: 2 })
      return { refusal: (error as Error).message, warned }
    },
  )
}

describe('the secrets of a source', () => {
  test.each([
    ['hub-sha256', hub, 'env:HUB'],
    ['api-key', { scheme: 'api-key', secrets: [] }, 'env:HUB'],
    ['standard-webhooks', { scheme: 'standard-webhooks', secrets: [] }, 'env:HOOKS'],
  ])('of %s stop the start when all have ended', async (_name, source, from) => {
    const ended = (days: number) => ({ from, until: inDays(days) })
    const { refusal } = await start({ s: { ...source, secrets: [ended(-9), ended(0)] } })
    expect(refusal).toMatch(/source s: every secret has ended, the last at 2026-01-31T12:00:00\.000Z: name /)
    expect((await start({ s: { ...source, secrets: [ended(0), from] } })).refusal).toBe('')
  })

  test('may all have ended where a public key serves', async () => {
    const secrets = [{ from: 'env:HOOKS', until: inDays(-1) }]
    const { refusal, warned } = await start({
      s: { scheme: 'standard-webhooks', secrets, publicKeys: [WHPK] },
    })
    expect({ refusal, warned }).toEqual({ refusal: '', warned: [] })
  })

  test.each([
    ['the last ends in 7 days', [{ from: 'env:HUB', until: inDays(7) }], [{ source: 's', until: inDays(7) }]],
    [
      'it and another end soon',
      [
        { from: 'env:HUB', until: inDays(1) },
        { from: 'env:NEXT', until: inDays(2) },
      ],
      [{ source: 's', until: inDays(2) }],
    ],
    ['it has a successor', [{ from: 'env:HUB', until: inDays(1) }, 'env:NEXT'], []],
    ['it ends later', [{ from: 'env:HUB', until: inDays(8) }], []],
    ['it has no end', ['env:HUB'], []],
  ])('are warned of only when they run out: %s', async (_name, secrets, warnings) => {
    expect(await start({ s: { ...hub, secrets } })).toEqual({ refusal: '', warned: warnings })
  })

  test.each(['constructor', '__proto__', 'toString', 'ABSENT'])(
    'are not what every object has: env:%s',
    async (name) => {
      const { refusal } = await start({ s: { ...hub, secrets: [`env:${name}`] } })
      expect(refusal).toContain(`env:${name}: there is no secret`)
    },
  )

  test('stand in a file that only its owner can read, and messages say what hinders', async () => {
    writeFileSync(join(folder, 'own'), `${SECRET}\n`, { mode: 0o600 })
    writeFileSync(join(folder, 'shared'), SECRET, { mode: 0o600 })
    chmodSync(join(folder, 'shared'), 0o640)
    mkdirSync(join(folder, 'place'))
    symlinkSync('loop', join(folder, 'loop'))
    const refusalOf = async (name: string): Promise<string> =>
      (await start({ s: { ...hub, secrets: [`file:${name}`] } })).refusal
    expect(await refusalOf('own')).toBe('')
    expect(await refusalOf('absent')).toContain('put the secret there')
    expect(await refusalOf('place')).toContain('is a folder')
    expect(await refusalOf('loop')).toContain('cannot be read (ELOOP)')
    if (process.platform !== 'win32') expect(await refusalOf('shared')).toContain('chmod 600')
  })

  test('fit into the header that they come in', async () => {
    const spaced = { scheme: 'api-key', secrets: ['env:SPACED'] }
    expect((await start({ s: spaced })).refusal).toMatch(/env:SPACED: .*bearer/i)
    expect((await start({ s: { ...spaced, header: 'x-api-key' } })).refusal).toBe('')
    expect((await start({ s: { scheme: 'api-key', secrets: ['env:HUB'] } })).refusal).toBe('')
  })
})

describe('the keys of a jws source', () => {
  test.each(['inline', 'file', 'url'])(
    'that are for none of its algorithms stop the start: %s',
    async (kind) => {
      const signer = await makeSigner('ES256', () => NOW)
      const server = await startKeyServer()
      try {
        server.serve([signer.jwk])
        writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [signer.jwk] }))
        const placed = {
          inline: { keys: [signer.jwk] },
          file: { jwks: 'jwks.json' },
          url: { jwks: server.url.href },
        }[kind]
        const jws = { scheme: 'jws', ...placed }
        const { refusal } = await start({ s: { ...jws, algorithms: ['RS256', 'EdDSA'] } })
        expect(refusal).toMatch(/source s: its keys are for ES256, .* EdDSA, RS256/)
        expect((await start({ s: { ...jws, algorithms: ['RS256', 'ES256'] } })).refusal).toBe('')
      } finally {
        await server.close()
      }
    },
  )

  test('are fetched later when their endpoint is down now', async () => {
    const server = await startKeyServer()
    server.fail()
    const { refusal } = await start({ s: { scheme: 'jws', algorithms: ['RS256'], jwks: server.url.href } })
    expect(refusal).toBe('')
    await server.close()
  })
})

test('a retired source needs neither secrets nor keys, and reads none', async () => {
  const retired = { retired: true }
  const { refusal } = await start({
    a: { ...hub, ...retired, secrets: ['env:ABSENT'] },
    b: { scheme: 'hub-sha256', encoding: 'hex', ...retired },
    c: { scheme: 'jws', algorithms: ['ES256'], ...retired },
    d: { scheme: 'jws', algorithms: ['ES256'], jwks: 'absent.json', ...retired },
    e: { scheme: 'standard-webhooks', publicKeys: ['whpk_no'], ...retired },
  })
  expect(refusal).toBe('')
})
