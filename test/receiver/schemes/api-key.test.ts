import { eventBody, startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { expectRefused } from '../expect-refused.ts'
import { call } from '../http-caller.ts'
import type { Answer } from '../http-caller.ts'
import { apiKeySource, newSecret } from './scheme-sources.ts'

const key = newSecret()
const next = newSecret()
let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startTestReceiver({
    sources: [
      apiKeySource('bearer', 'authorization', [key, next]),
      apiKeySource('named', 'x-api-key', [key]),
    ],
  })
  for (const each of [key, next]) await deliver('bearer', { authorization: `Bearer ${each}` })
  await deliver('named', { 'x-api-key': key })
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

function deliver(source: string, headers: Readonly<Record<string, string | string[]>>): Promise<Answer> {
  return call(`${receiver.url}/webhooks/${source}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: eventBody(),
  })
}

describe('a shared key', () => {
  test('lets in, in the header of its source, and either of two while one is exchanged', async () => {
    expect(await deliver('named', { 'x-api-key': key })).toMatchObject({ status: 202 })
    expect(await deliver('bearer', { authorization: `Bearer ${key}` })).toMatchObject({ status: 202 })
    expect(await deliver('bearer', { authorization: `bearer ${next}` })).toMatchObject({ status: 202 })
  })

  test('is kept nowhere: not in an entry, not beside one, not in the log', async () => {
    await deliver('named', { 'x-api-key': key })
    const index = receiver.ledger.reader.size() - 1
    expect(receiver.ledger.bodySizes(index)).toHaveLength(1)
    const entries = receiver.ledger.reader.page(0, 1000).map(({ text }) => text)
    expect(entries.at(-1)).toContain('"scheme":"api-key"')
    expect(entries.join('') + receiver.logged()).not.toMatch(new RegExp(`${key}|${next}`))
  })

  test.each<[string, string, Readonly<Record<string, string | string[]>>]>([
    ['another one', 'named', { 'x-api-key': newSecret() }],
    ['half of it', 'named', { 'x-api-key': key.slice(0, 32) }],
    ['more than it', 'named', { 'x-api-key': `${key}0` }],
    ['the next one of another source', 'named', { 'x-api-key': next }],
    ['another one as a bearer', 'bearer', { authorization: `Bearer ${newSecret()}` }],
  ])('refuses with 401 %s', async (_name, source, headers) => {
    await expectRefused(receiver, 401, 'signature-invalid', () => deliver(source, headers))
  })

  test.each<[string, string, Readonly<Record<string, string | string[]>>]>([
    ['none', 'named', {}],
    ['an empty one', 'named', { 'x-api-key': '' }],
    ['two', 'named', { 'x-api-key': [key, key] }],
    ['a very long one', 'named', { 'x-api-key': 'x'.repeat(2000) }],
    ['one without Bearer', 'bearer', { authorization: key }],
    ['Basic', 'bearer', { authorization: `Basic ${key}` }],
    ['the header of another source', 'bearer', { 'x-api-key': key }],
  ])('refuses with 400 %s', async (_name, source, headers) => {
    await expectRefused(receiver, 400, 'signature-malformed', () => deliver(source, headers))
  })
})
