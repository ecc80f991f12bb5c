import { readFileSync } from 'node:fs'
import { readEd25519PublicKey } from '../../receiver/webhook/keys/ed25519-public-key.ts'
import { pinnedKeys } from '../../receiver/webhook/keys/key-sources.ts'
import { readSharedSecret } from '../../receiver/webhook/keys/shared-secret.ts'
import type { SecretKind, SharedSecret } from '../../receiver/webhook/keys/shared-secret.ts'
import { KeySetError, readKeySet } from '../../receiver/webhook/keys/webhook-key.ts'
import { apiKeyScheme } from '../../receiver/webhook/schemes/api-key.ts'
import { ALGORITHMS } from '../../receiver/webhook/schemes/asymmetric.ts'
import { hubScheme } from '../../receiver/webhook/schemes/hub-sha256.ts'
import { jwsScheme } from '../../receiver/webhook/schemes/jws.ts'
import type { VerifySignature } from '../../receiver/webhook/schemes/scheme.ts'
import { standardWebhooksScheme } from '../../receiver/webhook/schemes/standard-webhooks.ts'
import { CliError, EXIT } from '../exit.ts'
import { systemCode } from '../system-code.ts'
import { readSecretSource } from './secret-source.ts'
import { DEFAULT_HEADERS } from './sender.ts'
import type { Scheme } from './sender.ts'
import type { HubEncoding } from './sign-hub.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The options of `webhook listen` that say what is verified with, as the command line gives them. */
export interface VerifierOptions {
  readonly scheme: Scheme
  readonly jwks?: string
  readonly secret?: readonly string[]
  readonly publicKey?: string
  readonly encoding: HubEncoding
  readonly header?: string
  /** False after `--b64-false`. */
  readonly b64: boolean
  /** Seconds that a signed time may lie from now, to either side. */
  readonly toleranceS: number
}

/** What the receiver itself verifies with, of keys that a developer has at hand. @throws CliError */
export async function readVerifier(options: VerifierOptions, env: Env): Promise<VerifySignature> {
  try {
    return await openVerifier(options, env)
  } catch (error) {
    if (error instanceof KeySetError) throw new CliError(EXIT.usage, error.message, { cause: error })
    throw error
  }
}

async function openVerifier(options: VerifierOptions, env: Env): Promise<VerifySignature> {
  const { scheme, b64, encoding, toleranceS } = options
  const header = (options.header ?? DEFAULT_HEADERS[scheme]).toLowerCase()
  const window = { windowS: toleranceS, toleranceS }
  switch (scheme) {
    case 'jws': {
      const keys = await readKeySet(parseJson(readText(options.jwks, '--scheme jws needs --jwks FILE')))
      const algorithms = ALGORITHMS
      return jwsScheme({ ...window, signatureHeader: header, algorithms, resolveKey: pinnedKeys(keys), b64 })
    }
    case 'hub-sha256':
      return hubScheme({ signatureHeader: header, encoding, secrets: readSecrets(options, 'text', env) })
    case 'standard-webhooks': {
      const publicKeys =
        options.publicKey === undefined ? [] : [readEd25519PublicKey(readText(options.publicKey, '').trim())]
      const secrets = publicKeys.length > 0 && !options.secret ? [] : readSecrets(options, 'whsec', env)
      return standardWebhooksScheme({ ...window, secrets, publicKeys })
    }
    case 'api-key':
      return apiKeyScheme({ keyHeader: header, secrets: readSecrets(options, 'text', env) })
  }
}

function readSecrets(
  { secret, scheme }: VerifierOptions,
  kind: SecretKind,
  env: Env,
): readonly SharedSecret[] {
  if (!secret || secret.length === 0)
    throw new CliError(EXIT.usage, `--scheme ${scheme} needs --secret env:NAME or file:PATH`)
  return secret.map((source) => readSharedSecret(readSecretSource(source, env), kind))
}

function readText(path: string | undefined, whenMissing: string): string {
  if (path === undefined) throw new CliError(EXIT.usage, whenMissing)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} cannot be read (${systemCode(error)})`, { cause: error })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CliError(EXIT.usage, 'the file of --jwks is not JSON', { cause: error })
  }
}
