import { readCapped } from '../../ledger/http/read-body.ts'
import { isTimeout, withDeadline } from '../../ledger/http/with-deadline.ts'
import { asRecord } from '../../ledger/entry/as-record.ts'
import { systemCode } from '../system-code.ts'
import { printable } from '../webhook/printable.ts'

/** An HTTP answer as the checks look at it. */
export interface HttpAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly header: (name: string) => string | undefined
  /** The body as a JSON object; empty for anything else. */
  readonly body: Readonly<Record<string, unknown>>
  /** The middle between asking and the answer, by our clock: what its `Date` is compared with. */
  readonly at: Date
}

/** Why there was no answer, in words, and what that means. */
export interface NoAnswer {
  readonly unreachable: string
  readonly advice: string
}

export interface AskDeps {
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  /** Default 10,000. */
  readonly timeoutMs?: number
}

const MAX_BYTES = 262_144

/** Asks once, and follows no redirect: what would be behind it is not what was configured. Never rejects. */
export async function ask(
  url: URL,
  init: Pick<RequestInit, 'method' | 'headers' | 'body'>,
  { fetch, now, timeoutMs = 10_000 }: AskDeps,
): Promise<HttpAnswer | NoAnswer> {
  const before = now().getTime()
  try {
    return await withDeadline(timeoutMs, async (signal) => {
      const answer = await fetch(url, { ...init, redirect: 'manual', signal })
      const at = new Date((before + now().getTime()) / 2)
      const bytes = await readCapped(answer, MAX_BYTES, signal)
      const body = parseObject(bytes?.toString('utf8') ?? '')
      return { status: answer.status, header: (name) => answer.headers.get(name) ?? undefined, body, at }
    })
  } catch (error) {
    return noAnswer(url, error, timeoutMs)
  }
}

const NO_TLS: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'EPROTO',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
])

function noAnswer({ host, hostname }: URL, error: unknown, timeoutMs: number): NoAnswer {
  const { cause } = asRecord(error)
  const code = printable(systemCode(cause))
  // fetch has no code for what it refuses itself, such as the port of another protocol.
  const { message: said } = asRecord(cause)
  if (isTimeout(error) || code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return {
      unreachable: `${host} did not answer within ${timeoutMs / 1000} s`,
      advice: 'look for a firewall, or a proxy that this machine has to use',
    }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return {
      unreachable: `the name ${hostname} cannot be resolved (${code})`,
      advice: 'check its spelling, and the name server of this machine',
    }
  if (code === 'ECONNREFUSED')
    return {
      unreachable: `nothing listens at ${host} (${code})`,
      advice: 'check host and port, and start what should listen',
    }
  if (NO_TLS.has(code))
    return {
      unreachable: `${host} speaks no TLS (${code})`,
      advice: 'put a TLS proxy there, or correct the port',
    }
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code))
    return {
      unreachable: `the TLS certificate of ${host} is not accepted (${code})`,
      advice:
        'it has to chain to a public authority, name this host, and be in date: Genesys Cloud accepts no other',
    }
  return {
    unreachable: `${host} cannot be reached (${code === 'unknown' && typeof said === 'string' ? printable(said) : code})`,
    advice: 'check host, port and network',
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(text))
  } catch {
    return {}
  }
}
