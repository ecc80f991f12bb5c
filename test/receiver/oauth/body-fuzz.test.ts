import fc from 'fast-check'
import { formParameters } from '../../../receiver/oauth/form-parameters.ts'
import { startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { basic, makeClient, post } from './token-caller.ts'
import type { TestClient } from './token-caller.ts'

let receiver: TestReceiver
let client: TestClient

beforeAll(async () => {
  client = await makeClient('fuzzed')
  receiver = await startTestReceiver({
    oauth: { findClient: (id) => (id === client.id ? client : undefined) },
  })
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

const REFUSED = [
  'invalid_request',
  'invalid_client',
  'invalid_scope',
  'unsupported_grant_type',
  'temporarily_unavailable',
]

/** Pieces that real requests are made of, put together wrongly. */
const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'grant_type',
        'client_credentials',
        'client_id',
        'client_secret',
        'scope',
        'ledger:read',
      ),
      fc.constantFrom('=', '&', '+', '%', '%00', '%zz', '%ff', '%26', ';', '\0', '\ufeff', '&&', '=='),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'utf8'))
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))

describe('the body of a request for a token', () => {
  test('is a token or a refusal of RFC 6749, whatever its bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(pieces, bytes), fc.boolean(), async (body, authorised) => {
        const answer = await post(receiver.url, body, authorised ? basic(client.id, client.secret) : {})
        const { error, token_type: type } = answer.json as {
          readonly error?: string
          readonly token_type?: string
        }
        expect([200, 400, 401, 429, 503]).toContain(answer.status)
        if (answer.status === 200) expect(type).toBe('bearer')
        else expect(REFUSED).toContain(error)
        expect(answer.text).not.toContain(client.secret)
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  test('is read back as it was encoded', () => {
    // eslint-disable-next-line no-control-regex -- these are refused
    const text = fc.string({ unit: 'grapheme' }).filter((each) => !/[\0-\x1f\x7f]/.test(each))
    const parameters = fc.dictionary(
      text,
      text.filter((each) => each !== ''),
    )
    fc.assert(
      fc.property(parameters, (given) => {
        const body = new URLSearchParams(Object.entries(given)).toString()
        expect(Object.fromEntries(formParameters(Buffer.from(body)))).toEqual({ ...given })
      }),
    )
  })
})
