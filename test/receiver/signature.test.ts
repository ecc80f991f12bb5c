import { call } from './http-caller.ts'
import type { Answer } from './http-caller.ts'
import { expectRefused } from './expect-refused.ts'
import { signHeaderText, signInput, unixTime } from './signer.ts'
import {
  BODY_LIMIT,
  eventBody,
  postDelivery,
  SIGNATURE_HEADER,
  startTestReceiver,
  TOLERANCE_S,
} from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startTestReceiver()
  // The key's own entry is written now, so that from here on nothing but an accepted event adds one.
  await receiver.deliver(eventBody())
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const webhook = (): string => `${receiver.url}/webhooks/genesys`
const refused = (status: number, type: string, send: () => Promise<Answer>): Promise<Answer> =>
  expectRefused(receiver, status, type, send)

const body = Buffer.from(eventBody())
const headerOf = (changes: Readonly<Record<string, unknown>> = {}): string => {
  const { alg, kid } = receiver.signers.ES256
  return JSON.stringify({ alg, kid, iat: unixTime(new Date()), ...changes })
}
/** Genuinely signed, over a header that says something it should not. */
const signOver = (header: string | Uint8Array): string => signHeaderText(body, header, receiver.signers.ES256)
const send = (signature: string): Promise<Answer> => postDelivery(receiver.url, body, signature)

describe('a genuine delivery', () => {
  test.each(['ES256', 'EdDSA', 'RS256', 'PS256'] as const)('signed with %s is stored', async (alg) => {
    const text = eventBody()
    const answer = await receiver.deliver(text, await receiver.signers[alg].sign(Buffer.from(text)))
    expect(answer).toMatchObject({ status: 202, text: '' })
    const last = receiver.ledger.reader.at(receiver.ledger.reader.size() - 1)
    expect(JSON.parse(last?.text ?? '')).toMatchObject({ evidence: { algorithm: alg } })
  })

  test('signed by hand, as the attacks below are, is stored too: what is refused there is the attack', async () => {
    const text = Buffer.from(eventBody())
    const signature = signHeaderText(text, headerOf(), receiver.signers.ES256)
    expect(await postDelivery(receiver.url, text, signature)).toMatchObject({ status: 202 })
  })

  test('may carry header members that change nothing, and a charset in any spelling', async () => {
    const text = Buffer.from(eventBody())
    const signature = await receiver.signers.ES256.sign(text, { typ: 'JOSE', cty: 'json' })
    const headers = { 'content-type': 'Application/JSON; charset="UTF-8"', [SIGNATURE_HEADER]: signature }
    expect(await call(webhook(), { method: 'POST', headers, body: text })).toMatchObject({ status: 202 })
  })

  test('is stored at both ends of the time window', async () => {
    for (const offset of [-TOLERANCE_S + 2, TOLERANCE_S - 2]) {
      const text = Buffer.from(eventBody())
      const signature = await receiver.signers.ES256.sign(text, { iat: unixTime(new Date()) + offset })
      expect(await postDelivery(receiver.url, text, signature)).toMatchObject({ status: 202 })
    }
  })

  test('may be as large as the limit, and in chunks', async () => {
    const bare = eventBody({ note: '' })
    const text = bare.replace('"note":""', `"note":"${'x'.repeat(BODY_LIMIT - bare.length)}"`)
    const headers = {
      'content-type': 'application/json',
      [SIGNATURE_HEADER]: await receiver.signers.ES256.sign(Buffer.from(text)),
    }
    const answer = await call(webhook(), { method: 'POST', headers, body: text, chunked: true })
    expect(answer.status).toBe(202)
  })
})

describe('a signature header that cannot be read is 400', () => {
  const genuine = (): string => signOver(headerOf())
  const parts = (): readonly [string, string] => {
    const [header = '', , signature = ''] = genuine().split('.')
    return [header, signature]
  }

  test.each<[string, () => string]>([
    ['empty', () => ''],
    ['one word', () => 'sha256=abcdef'],
    ['with a payload in the middle', () => genuine().replace('..', `.${body.toString('base64url')}.`)],
    [
      'with the empty signature of alg none',
      () => `${Buffer.from(headerOf({ alg: 'none' })).toString('base64url')}..`,
    ],
    ['of five parts, a JWE', () => `${parts()[0]}..a.b.c`],
    ['JSON serialised', () => JSON.stringify({ protected: parts()[0], signature: parts()[1] })],
    ['two in one header', () => `${genuine()}, ${genuine()}`],
    ['with padding', () => `${genuine()}==`],
    ['in base64 of the other alphabet', () => `${parts()[0]}..${'+/'.repeat(43)}`],
    ['with stray trailing bits in the signature', () => strayBits(genuine())],
    ['with stray trailing bits in the header', () => strayHeaderBits()],
    ['with a space inside', () => genuine().replace('..', '. .')],
    ['longer than any signature', () => `${'e'.repeat(5000)}..${parts()[1]}`],
    ['a header that is not JSON', () => signOver('alg=ES256')],
    ['a header that is a list', () => signOver('[]')],
    ['a header that is null', () => signOver('null')],
    ['a header with a byte order mark', () => signOver(`\uFEFF${headerOf()}`)],
    [
      'a header that is not UTF-8',
      () =>
        signOver(
          Buffer.concat([
            Buffer.from(headerOf().slice(0, -1)),
            Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
          ]),
        ),
    ],
    ['a header with two members alg', () => signOver(headerOf().replace('{', '{"alg":"none",'))],
    [
      'a header with a second alg in disguise',
      () => signOver(headerOf().replace('{', '{"\\u0061lg":"none",')),
    ],
    ['a header with two members kid', () => signOver(headerOf().replace('{', '{"kid":"other",'))],
    ['a header without alg', () => signOver(headerOf({ alg: undefined }))],
    ['a header whose alg is a list', () => signOver(headerOf({ alg: ['ES256'] }))],
  ])('%s', async (_name, signature) => {
    await refused(400, 'signature-malformed', () => send(signature()))
  })

  test('none at all', async () => {
    await refused(400, 'signature-malformed', () =>
      call(webhook(), { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
    )
  })

  test('sent twice, even when both are genuine and the same', async () => {
    const signature = genuine()
    const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: [signature, signature] }
    await refused(400, 'signature-malformed', () => call(webhook(), { method: 'POST', headers, body }))
  })

  /** The last character of 64 bytes in base64url carries four bits that stand for nothing. */
  function strayBits(signature: string): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(signature.slice(-1))
    const other = signature.slice(0, -1) + (alphabet[last + 1] ?? '')
    expect(Buffer.from(other.split('..')[1] ?? '', 'base64url')).toEqual(
      Buffer.from(signature.split('..')[1] ?? '', 'base64url'),
    )
    return other
  }

  function strayHeaderBits(): string {
    // Padded with spaces until the text's last character has bits to spare.
    let header = headerOf()
    while (Buffer.from(header).length % 3 !== 1) header += ' '
    const protectedText = Buffer.from(header).toString('base64url')
    const stray =
      protectedText.slice(0, -1) + String.fromCharCode(protectedText.charCodeAt(protectedText.length - 1) + 1)
    expect(Buffer.from(stray, 'base64url').toString()).toBe(header)
    const signature = signInput(stray, body, receiver.signers.ES256.privateKey, 'ieee-p1363')
    return `${stray}..${signature.toString('base64url')}`
  }
})
