import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../cli/config.ts'
import { call } from '../receiver/http-caller.ts'
import { startCollector } from '../receiver/otlp/otlp-collector.ts'
import { serveCli } from './run-cli.ts'

const otlp = (env: Readonly<Record<string, string>>) => readConfig(env, 'sandbox').otlp

function problemsOf(env: Readonly<Record<string, string>>): string {
  try {
    readConfig(env, 'sandbox')
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('the OTLP settings', () => {
  test('are none by default', () => {
    expect(otlp({})).toBeUndefined()
  })

  test('take the address of a collector, or a whole URL, and headers as OpenTelemetry writes them', () => {
    expect(otlp({ FILTER_LEDGER_OTLP_URL: 'http://collector:4318' })).toEqual({
      url: new URL('http://collector:4318/v1/metrics'),
      headers: {},
      intervalMs: 60_000,
    })
    expect(
      otlp({
        FILTER_LEDGER_OTLP_URL: 'https://vendor.example/otlp/v1/metrics',
        FILTER_LEDGER_OTLP_HEADERS: 'Authorization=Basic%20YTpi==, x-scope=a%2Cb',
        FILTER_LEDGER_OTLP_SECONDS: '15',
      }),
    ).toEqual({
      url: new URL('https://vendor.example/otlp/v1/metrics'),
      headers: { authorization: 'Basic YTpi==', 'x-scope': 'a,b' },
      intervalMs: 15_000,
    })
  })

  const URL_SET = { FILTER_LEDGER_OTLP_URL: 'https://vendor.example/v1/metrics' }

  test.each([
    [
      'a URL of another kind',
      { FILTER_LEDGER_OTLP_URL: 'grpc://c:4317' },
      'OTLP_URL must be an http or https',
    ],
    ['no URL', { FILTER_LEDGER_OTLP_URL: 'collector' }, 'OTLP_URL must be an http or https'],
    ['a password', { FILTER_LEDGER_OTLP_URL: 'https://me:hidden@c/v1/metrics' }, 'without a password'],
    ['headers alone', { FILTER_LEDGER_OTLP_HEADERS: 'x-key=hidden' }, 'needs FILTER_LEDGER_OTLP_URL'],
    [
      'a secret in the open',
      { FILTER_LEDGER_OTLP_URL: 'http://collector:4318', FILTER_LEDGER_OTLP_HEADERS: 'x-key=hidden' },
      'must be https',
    ],
    ['no name', { ...URL_SET, FILTER_LEDGER_OTLP_HEADERS: '=hidden' }, 'name=value pairs'],
    ['no value', { ...URL_SET, FILTER_LEDGER_OTLP_HEADERS: 'hidden' }, 'name=value pairs'],
    ['a line feed', { ...URL_SET, FILTER_LEDGER_OTLP_HEADERS: 'a=hidden%0d%0ab' }, 'name=value pairs'],
    ['a broken escape', { ...URL_SET, FILTER_LEDGER_OTLP_HEADERS: 'a=hidden%' }, 'name=value pairs'],
    ['its own header', { ...URL_SET, FILTER_LEDGER_OTLP_HEADERS: 'Content-Type=hidden' }, 'content-type'],
    ['a rush', { ...URL_SET, FILTER_LEDGER_OTLP_SECONDS: '1' }, 'OTLP_SECONDS must be a whole number from 5'],
  ])('refuse %s, and show no value', (_name, env, problem) => {
    const problems = problemsOf(env)
    expect(problems).toContain('1 problem')
    expect(problems).toContain(problem)
    expect(problems).not.toContain('hidden')
  })

  test('make a receiver send its metrics, at the latest when it stops', async () => {
    const collector = await startCollector()
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-otlp-'))
    try {
      const server = await serveCli({
        cwd,
        env: {
          FILTER_LEDGER_OTLP_URL: collector.url.href,
          FILTER_LEDGER_OTLP_HEADERS: 'authorization=hidden',
        },
      })
      await call(`${server.url}/health/live`)
      expect(await server.end('SIGTERM')).toBe(0)
      const [received] = collector.received
      expect(received?.headers.authorization).toBe('hidden')
      const text = JSON.stringify(received?.body)
      expect(text).toContain('"filter_ledger_writable"')
      expect(text).toContain('"filter_ledger_http_request_duration_seconds"')
      expect(server.lines.join('\n')).toContain('metrics are sent by OTLP')
      expect(server.lines.join('\n')).not.toContain('hidden')
    } finally {
      await collector.close()
      rmSync(cwd, { recursive: true, force: true })
    }
  })
})
