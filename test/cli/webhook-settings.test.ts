import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../cli/config.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'filter-ledger-settings-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the webhook settings', () => {
  test('do not subscribe the route of a retired source', () => {
    const path = join(folder, 'sources.json')
    const old = { scheme: 'jws', algorithms: ['ES256'], retired: true }
    writeFileSync(path, JSON.stringify({ sources: { old } }))
    const env = { FILTER_LEDGER_SOURCES: path, FILTER_LEDGER_SUBSCRIPTION_SOURCE: 'old' }
    expect(() => readConfig(env, 'sandbox')).toThrow(
      expect.objectContaining({
        name: 'CliError',
        code: 2,
        message: expect.stringMatching(/1 problem.*\n.*SUBSCRIPTION_SOURCE.* retired/) as string,
      }),
    )
  })

  test('call a URL with a password a problem, and do not show it', () => {
    const env = { FILTER_LEDGER_WEBHOOK_JWKS: 'https://me:hidden@sender.example/jwks.json' }
    expect(() => readConfig(env, 'live')).toThrow(
      expect.objectContaining({
        name: 'CliError',
        code: 2,
        message: expect.stringMatching(
          /^(?!.*hidden)[^]*WEBHOOK_JWKS must be .* without a password/,
        ) as string,
      }),
    )
  })

  const problemsOf = (env: Readonly<Record<string, string>>, remote: 'sandbox' | 'live'): string => {
    try {
      readConfig(env, remote)
      return ''
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  const sourcesFile = (sources: object): string => {
    const path = join(folder, 'named.json')
    writeFileSync(path, JSON.stringify({ sources }))
    return path
  }
  const jws = { scheme: 'jws', algorithms: ['ES256'], jwks: 'keys.json' }

  test('need a source: without one nothing starts', () => {
    expect(problemsOf({}, 'live')).toContain(
      'there is no webhook source: set FILTER_LEDGER_SOURCES or FILTER_LEDGER_WEBHOOK_JWKS',
    )
    expect(problemsOf({}, 'sandbox')).toBe('')
  })

  test('take the sources of both settings together, each under a name of its own', () => {
    const FILTER_LEDGER_SOURCES = sourcesFile({ genesys: jws, other: jws })
    expect(problemsOf({ FILTER_LEDGER_SOURCES, FILTER_LEDGER_WEBHOOK_JWKS: 'k.json' }, 'live')).toContain(
      'two webhook sources named genesys',
    )
    expect(problemsOf({ FILTER_LEDGER_SOURCES }, 'sandbox')).toContain('two webhook sources named genesys')
    expect(problemsOf({ FILTER_LEDGER_SOURCES }, 'live')).not.toContain('source')
  })

  test('subscribe a source that there is', () => {
    const env = { FILTER_LEDGER_SOURCES: sourcesFile({ partner: jws }) }
    expect(problemsOf(env, 'live')).toContain('FILTER_LEDGER_SUBSCRIPTION_SOURCE must be one of')
    expect(problemsOf({ ...env, FILTER_LEDGER_SUBSCRIPTION_SOURCE: 'partner' }, 'live')).not.toContain(
      'SOURCE',
    )
  })

  test('name proxies by address or network, and a file that can be read', () => {
    expect(problemsOf({ FILTER_LEDGER_TRUST_PROXY: '10.0.0.0/8, ::1' }, 'sandbox')).toBe('')
    expect(problemsOf({ FILTER_LEDGER_TRUST_PROXY: 'none' }, 'sandbox')).toBe('')
    expect(problemsOf({ FILTER_LEDGER_TRUST_PROXY: 'proxy.example' }, 'sandbox')).toContain('proxy.example')
    expect(problemsOf({ FILTER_LEDGER_SOURCES: join(folder, 'absent.json') }, 'sandbox')).toContain(
      'cannot be read',
    )
  })
})
