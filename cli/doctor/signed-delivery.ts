import type { SourceConfig } from '../webhook-sources/source-config.ts'
import { readSender } from '../webhook/read-sender.ts'
import type { SenderOptions } from '../webhook/read-sender.ts'
import { sendDelivery } from '../webhook/send-delivery.ts'
import { signDelivery } from '../webhook/sender.ts'
import type { Scheme, Sender } from '../webhook/sender.ts'
import { checkSigned } from './check-webhook.ts'
import type { Finding } from './line.ts'

/** The type of the event that the doctor sends. No mapping knows it, so it is kept as `event.unrecognised`. */
export const DOCTOR_EVENT = 'filter-ledger:doctor'

/** What the command line says of the sender; all else is as the source is configured. */
export interface KeyOptions {
  readonly key?: string
  readonly secret?: string
  readonly scheme?: Scheme
  readonly kid?: string
}

export interface SignedDeliveryDeps {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly fetch: typeof globalThis.fetch
  /** Told what is about to be kept. */
  readonly say: (text: string) => void
}

/** Sends one event that the operator's own key signs, as the source wants it. @throws CliError */
export async function checkSignedDelivery(
  url: URL,
  source: string,
  options: {
    readonly keys: KeyOptions
    readonly config: SourceConfig | undefined
    readonly signatureHeader: string
  },
  { env, fetch, say }: SignedDeliveryDeps,
): Promise<Finding> {
  const sender = readSender(senderOptions(url, options), env)
  const eventId = sender.newId()
  say(
    `sending a signed test event: it is kept in the ledger as event.unrecognised (${DOCTOR_EVENT}, event ${eventId})`,
  )
  const body = Buffer.from(JSON.stringify(eventBody(sender, eventId, options.config?.format)))
  const answer = await sendDelivery({ url, headers: signDelivery(sender, body), body }, { fetch })
  return checkSigned(eventId, source, answer)
}

function senderOptions(
  url: URL,
  { keys, config, signatureHeader }: Parameters<typeof checkSignedDelivery>[2],
): SenderOptions {
  const scheme = keys.scheme ?? config?.scheme ?? 'jws'
  const same = config?.scheme === scheme ? config : undefined
  const header = same && 'header' in same ? same.header : undefined
  return {
    url: url.href,
    scheme,
    b64: same?.scheme === 'jws' ? same.b64 : true,
    encoding: same?.scheme === 'hub-sha256' ? same.encoding : 'base64',
    ...(scheme === 'jws' ? { header: header ?? signatureHeader } : header !== undefined && { header }),
    ...(keys.key !== undefined && { key: keys.key }),
    ...(keys.secret !== undefined && { secret: keys.secret }),
    ...(keys.kid !== undefined && { kid: keys.kid }),
  }
}

function eventBody({ now }: Sender, id: string, format: SourceConfig['format'] = 'filter-event') {
  const time = now().toISOString()
  if (format === 'filter-event') return { id, event_type: DOCTOR_EVENT, api_version: 'v2', timestamp: time }
  return {
    version: '0',
    id,
    'detail-type': DOCTOR_EVENT,
    source: 'filter-ledger',
    time,
    resources: [],
    detail: {},
  }
}
