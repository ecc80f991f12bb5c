import { readEd25519PublicKey } from '../../../receiver/webhook/keys/ed25519-public-key.ts'
import { readSharedSecret } from '../../../receiver/webhook/keys/shared-secret.ts'
import { apiKeyScheme } from '../../../receiver/webhook/schemes/api-key.ts'
import { hubScheme } from '../../../receiver/webhook/schemes/hub-sha256.ts'
import type { VerifySignature } from '../../../receiver/webhook/schemes/scheme.ts'
import { standardWebhooksScheme } from '../../../receiver/webhook/schemes/standard-webhooks.ts'
import { refusalOf } from '../../../receiver/edge/delivery-result.ts'
import {
  asymmetricHeaders,
  newSecret,
  newStandardKeys,
  newWhsec,
  signHub,
  standardHeaders,
} from './scheme-sources.ts'

const text = newSecret()
const whsec = newWhsec()
const keys = newStandardKeys()
const end = new Date(Math.floor(Date.now() / 1000) * 1000)
const before = new Date(end.getTime() - 1)
const body = '{}'
const window = { windowS: 300, toleranceS: 300 }
const secrets = [readSharedSecret(text, 'text', end)]
const whsecs = [readSharedSecret(whsec, 'whsec', end)]
const publicKeys = [readEd25519PublicKey(keys.whpk)]

type Headers = Readonly<Record<string, string>>

async function outcome(verify: VerifySignature, headers: Headers, now: Date): Promise<string> {
  try {
    return (await verify({ body: Buffer.from(body), header: (name) => headers[name] }, now)).algorithm
  } catch (error) {
    return refusalOf(error).result
  }
}

describe('a source whose secrets have all ended', () => {
  test.each<[string, VerifySignature, Headers, Headers]>([
    [
      'hub-sha256',
      hubScheme({ signatureHeader: 'x-sig', encoding: 'hex', secrets }),
      { 'x-sig': signHub(body, text, 'hex') },
      { 'x-sig': signHub(body, newSecret(), 'hex') },
    ],
    [
      'standard-webhooks',
      standardWebhooksScheme({ ...window, secrets: whsecs, publicKeys: [] }),
      standardHeaders(body, whsec),
      standardHeaders(body, newWhsec()),
    ],
    [
      'api-key',
      apiKeyScheme({ keyHeader: 'x-api-key', secrets }),
      { 'x-api-key': text },
      { 'x-api-key': newSecret() },
    ],
  ])(
    'tells a sender of %s to come again, from the instant of its end on',
    async (_name, verify, right, wrong) => {
      expect(await outcome(verify, right, before)).not.toMatch(/-/)
      expect(await outcome(verify, wrong, before)).toBe('signature-wrong')
      expect(await outcome(verify, right, end)).toBe('keys-unavailable')
      expect(await outcome(verify, {}, end)).toBe('signature-missing')
    },
  )

  test('still serves by its public key, and refuses the ended secret as it does any other', async () => {
    const verify = standardWebhooksScheme({ ...window, secrets: whsecs, publicKeys })
    expect(await outcome(verify, asymmetricHeaders(body, keys), end)).toBe('Ed25519')
    expect(await outcome(verify, standardHeaders(body, whsec), end)).toBe('signature-wrong')
  })
})
