import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { CliError, EXIT } from '../../exit.ts'
import { STANDARD_OUTPUT } from '../../output.ts'
import { systemCode } from '../../system-code.ts'
import { describeAnswer } from '../../webhook/answer.ts'
import { readSender } from '../../webhook/read-sender.ts'
import type { SenderOptions } from '../../webhook/read-sender.ts'
import { SAMPLE_KINDS } from '../../webhook/sample-event.ts'
import { sendDelivery } from '../../webhook/send-delivery.ts'
import { sendMany } from '../../webhook/send-many.ts'
import { eventIdOf, sampleBody, SCHEMES, signDelivery } from '../../webhook/sender.ts'
import type { Sender } from '../../webhook/sender.ts'
import { HUB_ENCODINGS } from '../../webhook/sign-hub.ts'
import { loadLines } from './load-lines.ts'
import { ALGORITHMS } from '../../../receiver/webhook/schemes/asymmetric.ts'

interface SendOptions extends SenderOptions {
  readonly body?: string
  readonly count: string
  readonly concurrency: string
  readonly attack?: string
  readonly listAttacks?: boolean
  readonly json?: boolean
}

/** `webhook send`. */
export function sendCommand(): Command {
  return (
    new Command('send')
      .description('send one signed webhook, or many, or an attack, and say what the receiver answered')
      .option('--url <url>', 'the whole URL of the source’s route', 'http://127.0.0.1:8080/webhooks/genesys')
      .addOption(new Option('--scheme <scheme>', 'how it is signed').choices(SCHEMES).default('jws'))
      .addOption(
        new Option('--event <event>', 'a sample (default: created; eventbridge for api-key)').choices(
          SAMPLE_KINDS,
        ),
      )
      .addOption(
        new Option('--body <file>', 'the exact bytes to send; - reads standard input').conflicts('event'),
      )
      .option('--key <file>', 'jws: a private key, JWK or PEM; standard-webhooks: a file with a whsk_ key')
      .option('--kid <id>', 'jws: the key id (default: the JWK’s, else the key’s thumbprint)')
      .addOption(new Option('--alg <alg>', 'jws: default, what the key is for').choices(ALGORITHMS))
      .option('--b64-false', 'jws: sign the body as it is (RFC 7797)')
      .option('--secret <source>', 'the other schemes: env:NAME or file:PATH')
      .addOption(
        new Option('--encoding <encoding>', 'hub-sha256: base64 for Genesys Cloud, hex for GitHub and Meta')
          .choices(HUB_ENCODINGS)
          .default('base64'),
      )
      .option('--header <name>', 'the header of the signature or the key, where it is not the usual one')
      .option('--count <n>', 'how many deliveries, each with an event of its own', '1')
      .option('--concurrency <n>', 'how many of them at once', '1')
      .option('--attack <name>', 'send one of the attacks instead; `all` for every one that is not slow')
      .option('--list-attacks', 'print the attacks on a scheme, each with the answer that is right')
      .option('--json', 'print JSON')
      .addHelpText(
        'after',
        `
Ends with 0 for a 2xx, 1 for any other answer, 3 for none. An attack ends with 0 when the receiver answered as it
should. Attack only what is yours.
Examples:
  filter-ledger webhook send --key private.jwk
  filter-ledger webhook send --url https://ledger.example.com/webhooks/messaging --scheme hub-sha256 --secret file:hub-secret.txt
  filter-ledger webhook send --key private.jwk --count 1000 --concurrency 20
  filter-ledger webhook send --key private.jwk --attack all`,
      )
      // Commander writes --b64-false as the member b64False.
      .action(({ b64False, ...options }: Omit<SendOptions, 'b64'> & { readonly b64False?: boolean }) =>
        send({ ...options, b64: b64False !== true }),
      )
  )
}

async function send(options: SendOptions): Promise<void> {
  if (options.listAttacks) {
    const { listAttacks } = await import('./attack.ts')
    listAttacks(options.scheme, options.json === true)
    return
  }
  const count = wholeNumber('--count', options.count, 1_000_000)
  const concurrency = wholeNumber('--concurrency', options.concurrency, 1000)
  const sender = readSender(options, process.env)
  if (options.attack !== undefined) {
    const { attackReceiver } = await import('./attack.ts')
    await attackReceiver(options.attack, sender, options.json === true)
  } else if (count === 1) await sendOne(sender, options)
  else await sendLoad(sender, options, { count, concurrency })
}

async function sendOne(sender: Sender, options: SendOptions): Promise<void> {
  const body = bodySource(sender, options)()
  const headers = signDelivery(sender, body)
  const startedAt = performance.now()
  const answer = await sendDelivery({ url: sender.url, headers, body }, { fetch })
  const ms = Math.round(performance.now() - startedAt)
  const eventId = eventIdOf(body)
  STANDARD_OUTPUT.out(
    options.json
      ? JSON.stringify({ url: sender.url.href, eventId, ...answer, ms })
      : `${describeAnswer(answer)} [${eventId === undefined ? '' : `event ${eventId}, `}${ms} ms]`,
  )
  if (answer.status < 200 || answer.status > 299) throw new CliError(EXIT.no, '')
}

async function sendLoad(
  sender: Sender,
  options: SendOptions,
  { count, concurrency }: { readonly count: number; readonly concurrency: number },
): Promise<void> {
  const nextBody = bodySource(sender, options)
  const sendNext = () => {
    const body = nextBody()
    return sendDelivery({ url: sender.url, headers: signDelivery(sender, body), body }, { fetch })
  }
  const summary = await sendMany(sendNext, { count, concurrency, clock: () => performance.now() })
  STANDARD_OUTPUT.out(
    options.json
      ? JSON.stringify({ ...summary, answers: Object.fromEntries(summary.answers) })
      : loadLines(summary).join('\n'),
  )
  if (summary.unreachable === count)
    throw new CliError(EXIT.unreachable, `${sender.url.host} cannot be reached`)
  if (summary.accepted < count) throw new CliError(EXIT.no, '')
}

/** The bytes of each next delivery: a fresh sample, or the same file again. */
function bodySource(sender: Sender, { body }: SendOptions): () => Buffer {
  if (body === undefined) return () => sampleBody(sender)
  const bytes = readBody(body)
  return () => bytes
}

function readBody(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be read (${systemCode(error)})`, { cause: error })
  }
}

function wholeNumber(option: string, text: string, max: number): number {
  if (/^\d{1,7}$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text)
  throw new CliError(EXIT.usage, `${option} takes a whole number from 1 to ${max}`)
}
