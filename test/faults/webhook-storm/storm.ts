import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { initKeys } from '../../../cli/keys-folder.ts'
import { startKeyServer } from '../../receiver/keys/key-server.ts'
import type { KeyServer } from '../../receiver/keys/key-server.ts'
import { tempFolder } from '../../support/temp-ledger.ts'
import { seededRandom } from './seeded-random.ts'
import { makeStormKeys } from './storm-events.ts'
import type { SourceLimits, StormKeys } from './storm-events.ts'
import { stormReceiver } from './storm-receiver.ts'
import type { StormReceiver } from './storm-receiver.ts'
import { startSenders } from './storm-senders.ts'
import type { SentEvent } from './storm-senders.ts'

export interface StormOptions extends SourceLimits {
  /** Where the ledger is made. Default: a new folder. */
  readonly folder?: string
  /** Settings of the receiver, over its defaults. */
  readonly env?: Readonly<Record<string, string>>
  /** Events under way at a time. Default 24. */
  readonly senders?: number
  readonly seed: number
}

/** Senders, and a receiver that things happen to. */
export interface Storm {
  readonly file: string
  readonly receiver: StormReceiver
  readonly keyServer: KeyServer
  readonly random: () => number
  /** `genesys` publishes its keys at the endpoint. */
  readonly serveKeys: () => void
  /** `genesys` signs with a new key from now on. */
  readonly rotateKey: () => Promise<void>
  /** Events of `genesys` that were delivered, and signed with its present key. */
  readonly deliveredByPresentKey: () => number
  /** How often senders had such an answer: a status, `503 keys-unavailable`, or why there was none. */
  readonly count: (answer: string) => number
  /** All answers so far. */
  readonly counts: () => ReadonlyMap<string, number>
  /** @throws Error that says what, when nothing more is to be hoped for */
  readonly until: (what: string, holds: () => boolean | Promise<boolean>) => Promise<void>
  /** Waits until senders had that many more answers of the kind. */
  readonly untilMore: (answer: string, more?: number) => Promise<void>
  /** Lets every event come to its outcome, then stops the receiver. */
  readonly end: () => Promise<readonly SentEvent[]>
  /** Whatever state it is in: nothing is left running. */
  readonly abandon: () => Promise<void>
}

const HOPELESS_MS = 60_000

/** Starts the sender's key endpoint and the senders. The receiver is started by whoever makes the storm. */
export async function startStorm(options: StormOptions): Promise<Storm> {
  const random = seededRandom(options.seed)
  const [keys, keyServer] = await Promise.all([makeStormKeys(), startKeyServer()])
  keyServer.serve(keys.published())
  const { env, file } = await installation(keys, keyServer, options)
  const receiver = await stormReceiver(env)
  const { senders = 24 } = options
  const { sent, counts, stop } = startSenders({ url: receiver.url, keys, senders, random })
  const count = (answer: string): number => counts.get(answer) ?? 0
  const abandon = async (): Promise<void> => {
    receiver.thaw()
    await Promise.all([receiver.kill(), stop()])
    await keyServer.close()
  }
  return {
    file,
    receiver,
    keyServer,
    random,
    serveKeys: () => keyServer.serve(keys.published()),
    rotateKey: keys.rotate,
    deliveredByPresentKey: () =>
      sent.filter(({ delivered, event }) => delivered && event.keyId === keys.published()[0]?.kid).length,
    count,
    counts: () => counts,
    until,
    untilMore: (answer, more = 1) => {
      const enough = count(answer) + more
      return until(`${more} more were answered with ${answer}`, () => count(answer) >= enough)
    },
    end: async () => {
      await stop()
      const code = await receiver.drain()
      if (code !== 0) receiver.log.problems.push(`at the end it stopped with ${String(code)}`)
      return sent
    },
    abandon,
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const hopeless = performance.now() + HOPELESS_MS
  while (!(await holds())) {
    if (performance.now() > hopeless) throw new Error(`in vain, the storm waited until ${what}`)
    await sleep(20)
  }
}

/** A folder for all that is the receiver's, and its environment. */
async function installation(keys: StormKeys, keyServer: KeyServer, options: StormOptions) {
  const place = tempFolder()
  const data = options.folder ?? place
  const [sources, keysFolder] = [join(place, 'sources.json'), join(place, 'keys')]
  writeFileSync(sources, JSON.stringify(keys.sources(keyServer.url, options)))
  await initKeys(keysFolder)
  const env = {
    ...keys.env,
    FILTER_LEDGER_DATA: data,
    FILTER_LEDGER_KEYS: keysFolder,
    FILTER_LEDGER_SOURCES: sources,
    FILTER_LEDGER_PUBLIC_URL: 'https://receiver.example',
    GENESYSCLOUD_OAUTHCLIENT_ID: 'storm',
    GENESYSCLOUD_OAUTHCLIENT_SECRET: 'storm',
    ...options.env,
  }
  return { env, file: join(data, 'ledger.db') }
}
