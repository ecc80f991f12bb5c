import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import { flattenedVerify, importJWK } from 'jose'
import { parseStored } from '../../ledger/store/entry-reader.ts'
import type { Entry } from '../../ledger/entry/entry.ts'
import { commitment } from '../../ledger/entry/seal-entry.ts'
import { eventBody, postDelivery, startTestReceiver } from '../support/test-receiver.ts'
import type { TestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders, verifyFile } from '../support/temp-ledger.ts'

let receiver: TestReceiver

beforeEach(async () => {
  receiver = await startTestReceiver()
})

afterEach(async () => {
  await receiver.close()
  expect(await verifyFile(receiver.file)).toMatchObject({ ok: true })
})

afterAll(removeTempFolders)

const size = (): number => receiver.ledger.reader.size()

function lastEntry(): Entry {
  const stored = receiver.ledger.reader.at(size() - 1)
  if (!stored) throw new TypeError('the ledger is empty')
  return parseStored(stored)
}

interface BodyRow {
  readonly name: string
  readonly salt: Buffer
  readonly body: Buffer
}

/** Through a connection of its own, as a third party with the file would read it. */
function bodiesOf(index: number): ReadonlyMap<string, BodyRow> {
  const file = new Database(receiver.file, { readonly: true })
  const rows = file.prepare<[number], BodyRow>('SELECT name, salt, body FROM bodies WHERE idx = ?').all(index)
  file.close()
  return new Map(rows.map((row) => [row.name, row]))
}

describe('an event delivered more than once', () => {
  test('is one entry, and each delivery is answered with 202', async () => {
    const text = eventBody()
    const signature = await receiver.signers.ES256.sign(Buffer.from(text))
    const answers = []
    for (let i = 0; i < 3; i++) answers.push(await postDelivery(receiver.url, text, signature))
    expect(answers.map(({ status, text: answered }) => [status, answered])).toEqual([
      [202, ''],
      [202, ''],
      [202, ''],
    ])
    expect(size()).toBe(2)
  })

  test('is one entry when it is signed anew, by another key, and when all come at once', async () => {
    const text = Buffer.from(eventBody())
    const { ES256, EdDSA } = receiver.signers
    const signatures = await Promise.all([
      ...Array.from({ length: 20 }, () => ES256.sign(text)),
      ...Array.from({ length: 20 }, () => EdDSA.sign(text)),
    ])
    const answers = await Promise.all(
      signatures.map((signature) => postDelivery(receiver.url, text, signature)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    const types = receiver.ledger.reader.page(0, 10).map((stored) => parseStored(stored).type)
    expect(types.sort()).toEqual(['filter.updated', 'key.observed', 'key.observed'])
  })

  test('with another body is 409 and changes nothing', async () => {
    const id = crypto.randomUUID()
    await receiver.deliver(eventBody({ id }))
    const answer = await receiver.deliver(eventBody({ id, timestamp: '2026-01-31T12:00:01.000Z' }))
    expect(answer).toMatchObject({
      status: 409,
      json: { type: 'urn:filter-ledger:problem:event-conflict' },
    })
    expect(size()).toBe(2)
    expect(lastEntry().occurredAt).toBe('2026-01-31T12:00:00.000Z')
  })

  test('with the same content under another id is another event', async () => {
    await receiver.deliver(eventBody({ id: 'one' }))
    await receiver.deliver(eventBody({ id: 'two' }))
    expect(size()).toBe(3)
  })
})

describe('a verified event is never dropped', () => {
  test('of a type that nobody knows', async () => {
    for (const type of ['ai:llm-gateway:filter:moved', 'toString', '__proto__', 'filter.created']) {
      expect(await receiver.deliver(eventBody({ event_type: type }))).toMatchObject({ status: 202 })
      expect(lastEntry()).toMatchObject({
        type: 'event.unrecognised',
        action: 'receive',
        entity: { type: 'webhook' },
        data: { eventType: type },
      })
    }
  })

  test('whose optional members are all missing or of a wrong type', async () => {
    const odd = { actor: [], filter: 'f-1', previous: 7, organization_id: {}, correlation_id: 'a b' }
    expect(await receiver.deliver(eventBody(odd))).toMatchObject({ status: 202 })
    expect(lastEntry()).toMatchObject({
      type: 'filter.updated',
      status: 'WARNING',
      actor: { type: 'system' },
    })
  })

  const large = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`key_${i}`, 'x'.repeat(20)]))

  test.each<[string, string]>([
    ['larger than an entry may be', eventBody({ filter: { id: 'f-9', name: 'n', ...large } })],
    ['with a lone surrogate in a value', surrogate(eventBody({ filter: { id: 'f-9', name: 'SURROGATE' } }))],
    ['with a lone surrogate in a name', surrogate(eventBody({ filter: { id: 'f-9', SURROGATE: 1 } }))],
    [
      'with a number beyond every double',
      eventBody({ filter: { id: 'f-9', x: 7 } }).replace('"x":7', '"x":1e999'),
    ],
    ['with a large previous state', eventBody({ filter: { id: 'f-9' }, previous: large })],
    ['with a filter nested as deep as a body may be', eventBody({ filter: { id: 'f-9', x: nested(62) } })],
  ])('%s: it is kept reduced, with its bytes beside it', async (_name, text) => {
    expect(await receiver.deliver(text)).toMatchObject({ status: 202 })
    const entry = lastEntry()
    expect(entry).toMatchObject({
      type: 'filter.updated',
      status: 'WARNING',
      entity: { type: 'filter', id: 'f-9' },
      data: { omitted: ['filter', 'propertyChanges'] },
      evidence: { keyId: receiver.signers.ES256.kid },
    })
    expect(entry.data['filter']).toBeUndefined()
    expect(entry.occurredAt).toBe('2026-01-31T12:00:00.000Z')
    expect(
      bodiesOf(size() - 1)
        .get('body')
        ?.body.toString(),
    ).toBe(text)
    expect(await receiver.deliver(text)).toMatchObject({ status: 202 })
    expect(size()).toBe(2)
  })

  test('whose filter id cannot stand in an entry', async () => {
    const text = surrogate(eventBody({ filter: { id: 'SURROGATE' } }))
    expect(await receiver.deliver(text)).toMatchObject({ status: 202 })
    expect(lastEntry().entity).toEqual({ type: 'filter' })
  })

  test('with control characters and NUL, which an entry holds as they are', async () => {
    const name = 'a\u0000b\u001f\u007f\u2028\u{1f600}'
    expect(await receiver.deliver(eventBody({ filter: { id: 'f\u0000', name } }))).toMatchObject({
      status: 202,
    })
    expect(lastEntry()).toMatchObject({ status: 'SUCCESS', entity: { id: 'f\u0000', name } })
  })

  function surrogate(text: string): string {
    return text.replaceAll('SURROGATE', '\\ud800')
  }

  function nested(depth: number): unknown {
    return depth === 0 ? 1 : [nested(depth - 1)]
  }
})

describe('what an entry of a webhook says', () => {
  test('names filter, actor, time and what changed', async () => {
    const text = eventBody({ id: 'e-1' })
    await receiver.deliver(text)
    expect(lastEntry()).toMatchObject({
      type: 'filter.updated',
      occurredAt: '2026-01-31T12:00:00.000Z',
      organizationId: '0c9ad4a1-0d3f-4a6e-8a1c-1d9d1f0c7a11',
      correlationId: '7be4a0a0-65b0-4f6a-9a57-3f5e0a1de0b1',
      actor: { type: 'user', id: 'c2f0b1de-1d41-4f7e-9b9b-0f6f2f0f2a55' },
      entity: { type: 'filter', id: 'f-1', name: 'a filter' },
      action: 'update',
      status: 'SUCCESS',
      propertyChanges: [{ property: 'priority', oldValues: ['10'], newValues: ['20'] }],
      data: { eventId: 'e-1', eventType: 'ai:llm-gateway:filter:updated', filter: { priority: 20 } },
    })
  })

  test.each<[string, unknown]>([
    ['a user', { type: 'user', id: 'u-1', name: 'Ada Lovelace' }],
    ['a user in capitals', { type: 'USER', id: 'u-1', name: 'Ada Lovelace' }],
    ['somebody of a type that we do not know', { type: 'agent', id: 'u-1', name: 'Ada Lovelace' }],
    ['somebody of no type', { id: 'u-1', name: 'Ada Lovelace' }],
  ])('the name of %s is in the erasable body alone', async (_name, actor) => {
    await receiver.deliver(eventBody({ actor }))
    const stored = receiver.ledger.reader.at(size() - 1)
    expect(stored?.text).not.toContain('Lovelace')
    expect(stored && parseStored(stored).actor.id).toBe('u-1')
    expect(
      bodiesOf(size() - 1)
        .get('body')
        ?.body.toString(),
    ).toContain('Lovelace')
  })

  test('the name of a client is kept: it is no person', async () => {
    await receiver.deliver(eventBody({ actor: { type: 'client', id: 'c-1', name: 'deployer' } }))
    expect(lastEntry().actor).toEqual({ type: 'client', id: 'c-1', name: 'deployer' })
  })
})

describe('the evidence', () => {
  test.each(['ES256', 'EdDSA', 'RS256', 'PS256'] as const)(
    'lets a third party check the %s signature with nothing but the ledger file',
    async (alg) => {
      // White space and member order that no serialiser would make again.
      const text = `  ${eventBody()}\r\n`
      await receiver.deliver(text, await receiver.signers[alg].sign(Buffer.from(text)))
      const entry = lastEntry()
      const bodies = bodiesOf(size() - 1)
      const [body, signature] = [bodies.get('body'), bodies.get('signature')]
      if (!body || !signature) throw new TypeError('a body is missing')
      expect(body.body.toString()).toBe(text)

      for (const { name, salt, body: bytes } of [body, signature]) {
        expect(entry.evidence).toMatchObject({
          commitments: { [name]: { sha256: commitment(salt, bytes).toString('hex'), size: bytes.length } },
        })
      }

      const thumbprint = entry.evidence?.['keyThumbprint']
      const observed = receiver.ledger.reader
        .page(0, size())
        .map(parseStored)
        .find(({ type, entity }) => type === 'key.observed' && entity.id === thumbprint)
      const jwk = observed?.data['jwk']
      if (typeof jwk !== 'object' || jwk === null || !('kid' in jwk)) throw new TypeError('no key entry')
      expect(jwk['d']).toBeUndefined()
      const [protectedText = '', , signed = ''] = signature.body.toString('latin1').split('.')
      const jws = { protected: protectedText, payload: body.body.toString('base64url'), signature: signed }
      const key = await importJWK({ ...jwk }, alg)
      await expect(flattenedVerify(jws, key, { algorithms: [alg] })).resolves.toMatchObject({
        protectedHeader: { alg, kid: entry.evidence?.['keyId'], iat: entry.evidence?.['signedAt'] },
      })
      const tampered = { ...jws, payload: Buffer.from(`${text} `).toString('base64url') }
      await expect(flattenedVerify(tampered, key)).rejects.toMatchObject({
        code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
      })
    },
  )

  test('does not let the body be guessed: each commitment has a salt of its own', async () => {
    const salts = new Set<unknown>()
    for (const id of ['a', 'b']) {
      await receiver.deliver(eventBody({ id }))
      const { salt, body } = bodiesOf(size() - 1).get('body') ?? {
        salt: Buffer.alloc(0),
        body: Buffer.alloc(0),
      }
      expect(salt).toHaveLength(32)
      const plain = createHash('sha256').update(body).digest('hex')
      expect(JSON.stringify(lastEntry())).not.toContain(plain)
      salts.add(salt.toString('hex'))
    }
    expect(salts.size).toBe(2)
  })

  test('has one key entry a key, however many deliveries it signed', async () => {
    for (let i = 0; i < 5; i++) await receiver.deliver(eventBody())
    const types = receiver.ledger.reader.page(0, 10).map((stored) => parseStored(stored).type)
    expect(types).toEqual(['key.observed', ...Array<string>(5).fill('filter.updated')])
  })
})
