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
})
