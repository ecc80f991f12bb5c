import { spawn } from 'node:child_process'
import { createHmac, createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLocalJWKSet, flattenedVerify } from 'jose'
import type { JSONWebKeySet } from 'jose'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { BIN } from '../run-cli.ts'

/** The page that is tried, block by block, against a server whose verification is in no code of ours. */
const PAGE = fileURLToPath(new URL('../../../docs/sending-webhooks.md', import.meta.url))

interface Got {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const cwd = tempFolder()
const deliveries: Got[] = []
let server: Server
let result: { readonly code: number | null; readonly out: string; readonly err: string }

beforeAll(async () => {
  server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      deliveries.push({ headers: req.headers, body: Buffer.concat(chunks) })
      res.writeHead(202).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
    ([, text = '']) => text,
  )
  const script = [`URL=${url}`, ...blocks].join('\n').replaceAll('npx filter-ledger', `node ${BIN}`)
  result = await bash(script)
}, 60_000)

afterAll(() => {
  server.close()
  removeTempFolders()
})

async function bash(script: string) {
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '' },
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  await once(child, 'close')
  return { code: child.exitCode, out, err }
}

const file = (name: string): string => readFileSync(join(cwd, name), 'utf8').trim()
const got = (index: number): Got => deliveries[index] ?? { headers: {}, body: Buffer.alloc(0) }
const header = (index: number, name: string): string => String(got(index).headers[name])

describe('docs/sending-webhooks.md', () => {
  test('runs to its end, and each delivery is answered', () => {
    expect(result).toMatchObject({ code: 0 })
    expect(result.out.match(/^202$/gm)).toHaveLength(8)
    expect(deliveries).toHaveLength(8 + 2 + 100)
  })

  test('sends the bytes of its event each time', () => {
    for (let i = 0; i < 8; i++) expect(got(i).body.toString()).toBe(file('event.json'))
  })

  test.each([
    ['RS256', 0, 'jwks-rsa.json', true],
    ['ES256', 1, 'jwks-ec.json', true],
    ['RS256 over the raw body', 2, 'jwks-rsa.json', false],
  ])('signs with %s as jose verifies', async (_name, index, jwks, b64) => {
    const [protectedText = '', , signature = ''] = header(index, 'x-genesys-signature').split('.')
    const { body } = got(index)
    const keys = createLocalJWKSet(JSON.parse(file(jwks)) as JSONWebKeySet)
    const jws = { protected: protectedText, payload: b64 ? body.toString('base64url') : body, signature }
    const { protectedHeader } = await flattenedVerify(jws, keys, { crit: { b64: true } })
    expect(protectedHeader?.['iat']).toBeGreaterThan(Date.now() / 1000 - 120)
  })

  test('computes the MAC of X-Hub-Signature-256 in both forms', () => {
    const mac = createHmac('sha256', file('hub-secret.txt')).update(got(3).body).digest()
    expect(header(3, 'x-hub-signature-256')).toBe(`sha256=${mac.toString('base64')}`)
    expect(header(4, 'x-hub-signature-256')).toBe(`sha256=${mac.toString('hex')}`)
  })

  const content = (index: number): Buffer =>
    Buffer.concat([
      Buffer.from(`${header(index, 'webhook-id')}.${header(index, 'webhook-timestamp')}.`),
      got(index).body,
    ])

  test('signs with v1 and v1a of Standard Webhooks', () => {
    const secret = Buffer.from(file('whsec.txt').slice(6), 'base64')
    expect(header(5, 'webhook-signature')).toBe(
      `v1,${createHmac('sha256', secret).update(content(5)).digest('base64')}`,
    )
    const x = Buffer.from(file('whpk.txt').slice(5), 'base64').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    const signature = Buffer.from(header(6, 'webhook-signature').slice(4), 'base64')
    expect(verify(null, content(6), key, signature)).toBe(true)
  })

  test('sends an API key as a bearer token', () => {
    expect(header(7, 'authorization')).toBe(`Bearer ${file('api-key.txt')}`)
  })

  test('turns DER into r and s of 32 bytes each, however many of them are zero', async () => {
    const block = /openssl asn1parse[\s\S]*?\| bytes/.exec(readFileSync(PAGE, 'utf8'))?.[0] ?? ''
    for (const [r, s] of [
      ['01', '7fff'],
      ['00ff', '008000'],
      ['00' + 'ff'.repeat(32), '7f'.repeat(32)],
    ] as const) {
      const integers = [r, s]
        .map((hex) => `02${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`)
        .join('')
      const der = Buffer.from(`30${(integers.length / 2).toString(16).padStart(2, '0')}${integers}`, 'hex')
      writeFileSync(join(cwd, 'sig.der'), der)
      chmodSync(join(cwd, 'sig.der'), 0o600)
      const bytes = `bytes() { printf '%b' "$(sed 's/../\\\\x&/g')"; }`
      const { out } = await bash(`${bytes}; cat sig.der | ${block} | od -An -vtx1 | tr -d ' \\n'`)
      const wide = (hex: string): string => hex.replace(/^00/, '').padStart(64, '0')
      expect(out).toBe(wide(r) + wide(s))
    }
  })
})
