import { randomUUID } from 'node:crypto'
import { CliError, EXIT } from '../exit.ts'
import { readSecret } from '../secret-file.ts'
import { readJwsKey } from './read-jws-key.ts'
import type { SampleKind } from './sample-event.ts'
import { readSecretSource } from './secret-source.ts'
import { DEFAULT_HEADERS } from './sender.ts'
import type { Scheme, Sender } from './sender.ts'
import type { HubEncoding } from './sign-hub.ts'
import { parseStandardWebhooksKey } from './standard-webhooks-key.ts'
import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'

/** The options of `webhook send` that say who sends, as the command line gives them. */
export interface SenderOptions {
  readonly url: string
  readonly scheme: Scheme
  readonly key?: string
  readonly kid?: string
  readonly alg?: Algorithm
  /** False after `--b64-false`. */
  readonly b64: boolean
  readonly secret?: string
  readonly encoding: HubEncoding
  readonly header?: string
  /** Default: an audit event behind an API key, as EventBridge sends it; else a filter that was created. */
  readonly event?: SampleKind
}

/** Reads the keys that a scheme needs and nothing else. @throws CliError */
export function readSender(
  options: SenderOptions,
  env: Readonly<Record<string, string | undefined>>,
): Sender {
  const base = {
    url: readUrl(options.url),
    header: readHeader(options),
    now: () => new Date(),
    newId: randomUUID,
    sample: options.event ?? (options.scheme === 'api-key' ? 'eventbridge' : 'created'),
  }
  switch (options.scheme) {
    case 'jws': {
      if (options.key === undefined) throw missing('--key FILE, a private JWK or PEM', 'jws')
      return { ...base, scheme: 'jws', key: readJwsKey(options.key, options) }
    }
    case 'hub-sha256': {
      const secret = Buffer.from(requireSecret(options, env), 'utf8')
      return { ...base, scheme: 'hub-sha256', key: { secret, encoding: options.encoding } }
    }
    case 'standard-webhooks': {
      const texts = standardWebhooksTexts(options, env)
      const keys = texts.map(({ text, name }) => parseStandardWebhooksKey(text, name))
      return { ...base, scheme: 'standard-webhooks', keys }
    }
    case 'api-key': {
      const key = requireSecret(options, env)
      if (!/^[\x21-\x7e]+$/.test(key))
        throw new CliError(EXIT.usage, 'the API key is not one word of printable ASCII')
      return { ...base, scheme: 'api-key', key }
    }
  }
}

/** Both may be given: then the delivery has a signature of each, as in a rotation. */
function standardWebhooksTexts(options: SenderOptions, env: Readonly<Record<string, string | undefined>>) {
  const { key, secret } = options
  if (key === undefined && secret === undefined)
    throw missing(
      '--secret env:NAME or file:PATH with a whsec_, or --key FILE with a whsk_',
      'standard-webhooks',
    )
  return [
    ...(secret === undefined ? [] : [{ text: readSecretSource(secret, env), name: 'the secret' }]),
    ...(key === undefined ? [] : [{ text: readSecret(key, KEY_NAMING), name: key }]),
  ]
}

const KEY_NAMING = {
  whenMissing: 'run `filter-ledger webhook keygen --scheme standard-webhooks --ed25519`',
  whenBroken: 'a file with a whsk_ key was expected',
}

function requireSecret(
  { secret, scheme }: SenderOptions,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (secret === undefined) throw missing('--secret env:NAME or file:PATH', scheme)
  return readSecretSource(secret, env)
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new CliError(
    EXIT.usage,
    '--url takes the http or https URL of a source’s route, such as http://127.0.0.1:8080/webhooks/genesys',
  )
}

function readHeader({ header, scheme }: SenderOptions): string {
  const name = (header ?? DEFAULT_HEADERS[scheme]).toLowerCase()
  if (/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name)) return name
  throw new CliError(EXIT.usage, '--header takes the name of a header, such as x-signature')
}

function missing(what: string, scheme: Scheme): CliError {
  return new CliError(
    EXIT.usage,
    `--scheme ${scheme} needs ${what}; \`filter-ledger webhook keygen\` makes one`,
  )
}
