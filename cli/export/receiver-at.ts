import { bodyWithoutStall, readCapped } from '../../ledger/http/read-body.ts'
import { isTimeout, withDeadline } from '../../ledger/http/with-deadline.ts'
import { CliError, EXIT } from '../exit.ts'

/** Where a receiver is, and the token for its closed routes. */
export interface ReceiverAccess {
  readonly url: string
  readonly token: string | undefined
  /** How long the receiver may be silent. Default 30,000. */
  readonly silenceMs?: number
}

/** What an export asks of a receiver. Each answer is one that has to come: what does not is a CliError. */
export interface Receiver {
  /** A small answer. */
  readonly get: (path: string) => Promise<Buffer>
  /** A small answer; undefined while there is none (404). */
  readonly find: (path: string) => Promise<Buffer | undefined>
  /** The rows of an export, as long as they are; they break off when the receiver falls silent. */
  readonly rows: (
    path: string,
  ) => Promise<{ readonly exportId: string; readonly chunks: AsyncIterable<Uint8Array> }>
}

/** Tiles, checkpoints, keys, an entry with its index: the largest is an entry of 65,535 bytes. */
const MAX_SMALL = 1_000_000

/** @throws CliError when the URL is none */
export function receiverAt({ url, token, silenceMs = 30_000 }: ReceiverAccess): Receiver {
  if (!URL.canParse(url))
    throw new CliError(EXIT.usage, '--receiver takes a URL such as http://127.0.0.1:8080')
  const base = url.endsWith('/') ? url : `${url}/`
  const headers = token ? { authorization: `Bearer ${token}` } : {}

  const within = <T>(path: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    withDeadline(silenceMs, run).catch((error: unknown) => {
      if (error instanceof CliError) throw error
      const what = isTimeout(error) ? `is silent: ${error.message}` : 'was cut off in its answer'
      throw new CliError(EXIT.unreachable, `${base} ${what} (${nameOf(path)})`, { cause: error })
    })
  const send = async (path: string, signal: AbortSignal): Promise<Response> =>
    fetch(new URL(path, base), { headers, redirect: 'error', signal }).catch((error: unknown) => {
      throw isTimeout(error)
        ? error
        : new CliError(EXIT.unreachable, `${base} cannot be reached`, { cause: error })
    })
  const ask = (path: string): Promise<Buffer | Refusal> =>
    within(path, async (signal) => {
      const answer = await send(path, signal)
      if (!answer.ok) return refusalOf(path, answer, signal)
      const bytes = await readCapped(answer, MAX_SMALL, signal)
      if (bytes) return bytes
      throw new CliError(EXIT.unreachable, `${base} answered more than ${nameOf(path)} can be`)
    })
  return {
    get: async (path) => {
      const answer = await ask(path)
      if (!('error' in answer)) return answer
      throw answer.error
    },
    find: async (path) => {
      const answer = await ask(path)
      if (!('error' in answer)) return answer
      if (answer.status === 404) return undefined
      throw answer.error
    },
    rows: async (path) => {
      const answer = await within(path, async (signal) => {
        const begun = await send(path, signal)
        if (!begun.ok) throw (await refusalOf(path, begun, signal)).error
        return begun
      })
      const exportId = answer.headers.get('x-export-id')
      if (!answer.body || exportId === null)
        throw new CliError(EXIT.unreachable, 'the receiver answered no export')
      return { exportId, chunks: bodyWithoutStall(answer, silenceMs) }
    },
  }
}

interface Refusal {
  readonly status: number
  readonly error: CliError
}

async function refusalOf(path: string, answer: Response, signal: AbortSignal): Promise<Refusal> {
  const { status } = answer
  const { title = '', detail = '' } = problemOf(await readCapped(answer, MAX_SMALL, signal))
  const said = `the receiver answered ${status} to ${nameOf(path)}: ${title} ${detail}`.trim()
  return { status, error: new CliError(status >= 500 ? EXIT.unreachable : EXIT.usage, said) }
}

function problemOf(body: Buffer | undefined): { readonly title?: string; readonly detail?: string } {
  try {
    return (JSON.parse(body?.toString('utf8') ?? '') ?? {}) as { title?: string; detail?: string }
  } catch {
    return {}
  }
}

function nameOf(path: string): string {
  return path.split('?')[0] ?? ''
}
