import { once } from 'node:events'
import { Command, Option } from 'commander'
import { CliError, EXIT } from '../../exit.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { systemCode } from '../../system-code.ts'
import type { Heard } from '../../webhook/delivery-listener.ts'
import type { VerifierOptions } from '../../webhook/read-verifier.ts'
import { SCHEMES } from '../../webhook/sender.ts'
import { DEFAULT_BODY_LIMIT } from '../../../receiver/http/read-body.ts'
import { HUB_ENCODINGS } from '../../webhook/sign-hub.ts'

interface ListenOptions extends Omit<VerifierOptions, 'b64' | 'toleranceS'> {
  readonly b64False?: boolean
  readonly tolerance: string
  readonly host: string
  readonly port: string
  readonly json?: boolean
}

/** `webhook listen`. */
export function listenCommand(): Command {
  return new Command('listen')
    .description('verify what a sender posts, and say why it does not verify; nothing is kept')
    .addOption(new Option('--scheme <scheme>', 'how deliveries are signed').choices(SCHEMES).default('jws'))
    .option('--jwks <file>', 'jws: the sender’s public keys')
    .option('--secret <source...>', 'the other schemes: env:NAME or file:PATH, more than one in a rotation')
    .option('--public-key <file>', 'standard-webhooks: a file with a whpk_ key')
    .addOption(
      new Option('--encoding <encoding>', 'hub-sha256: how the MAC is written')
        .choices(HUB_ENCODINGS)
        .default('base64'),
    )
    .option('--b64-false', 'jws: the body is signed as it is (RFC 7797)')
    .option('--header <name>', 'the header of the signature or the key, where it is not the usual one')
    .option('--tolerance <seconds>', 'how far a signed time may lie from now', '300')
    .option('--port <port>', 'port to listen on; 0 takes a free one', '0')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--json', 'print JSON, a line each')
    .addHelpText(
      'after',
      `
A developer's tool: a receiver never tells a sender why a signature does not hold.
Example:
  filter-ledger webhook listen --jwks sender/jwks.json --port 8099`,
    )
    .action(listenUntilStopped)
}

async function listenUntilStopped({
  b64False,
  tolerance,
  host,
  port,
  json,
  ...options
}: ListenOptions): Promise<void> {
  const { readVerifier } = await import('../../webhook/read-verifier.ts')
  const { deliveryListener } = await import('../../webhook/delivery-listener.ts')
  const { listen } = await import('../../../receiver/http/listen.ts')
  const toleranceS = wholeNumber('--tolerance', tolerance, 86_400)
  const boundPort = wholeNumber('--port', port, 65_535)
  const verify = await readVerifier({ ...options, b64: b64False !== true, toleranceS }, process.env)
  const door = await listen({ host, port: boundPort }).catch((error: unknown) => {
    throw new CliError(EXIT.unreachable, `port ${port} cannot be used (${systemCode(error)})`, {
      cause: error,
    })
  })
  const tell = (heard: Heard): void => STANDARD_OUTPUT.out(json ? JSON.stringify(heard) : line(heard))
  door.serve(deliveryListener({ verify, now: () => new Date(), bodyLimit: DEFAULT_BODY_LIMIT, tell }))
  STANDARD_OUTPUT.out(
    json
      ? JSON.stringify({ listening: door.url })
      : `listening on ${door.url} for ${options.scheme}; any path will do`,
  )
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  await door.drain(1000)
}

function line({ status, reason, detail, facts, eventId, eventType, bodyBytes }: Heard): string {
  if (!facts) return `refused with ${status}: ${reason ?? ''}: ${detail ?? ''}`
  const parts = [
    `verified: ${facts.scheme} ${facts.algorithm}`,
    facts.keyId === undefined ? '' : `key ${facts.keyId}`,
    facts.ageS === undefined ? '' : `${facts.ageS} s old`,
    facts.deliveryId === undefined ? '' : `delivery ${facts.deliveryId}`,
    eventId === undefined ? '' : `event ${eventId}`,
    eventType ?? '',
    `${bodyBytes ?? 0} bytes`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function wholeNumber(option: string, text: string, max: number): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= max) return Number(text)
  throw new CliError(EXIT.usage, `${option} takes a whole number from 0 to ${max}`)
}
