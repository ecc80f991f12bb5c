import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { Readable, Writable } from 'node:stream'
import { tempFolder } from './temp-ledger.ts'

/** Why there is no browser here; undefined when there is one. */
const NO_CHROMIUM = whyNot()

/** `test` where Chromium can be run; elsewhere it is skipped, and why is printed. In CI it has to be there. */
export function testInChromium(title: string, run: () => Promise<void>, timeoutMs: number): void {
  if (NO_CHROMIUM === undefined || process.env['CI'] === 'true') test(title, run, timeoutMs)
  else {
    process.stderr.write(`skipped: ${title}: ${NO_CHROMIUM}\n`)
    test.skip(title, run)
  }
}

export interface View {
  /** Pixels. */
  readonly width: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
  readonly media?: 'screen' | 'print'
}

/** A page in a browser of its own, spoken to through the DevTools protocol. */
export interface BrowserPage {
  readonly open: (url: string, view: View) => Promise<void>
  /** The value of an expression, as JSON carries it. */
  readonly evaluate: <Value>(expression: string) => Promise<Value>
  /** Base64 of a PNG, and of a PDF. */
  readonly screenshot: () => Promise<string>
  readonly pdf: () => Promise<string>
  /** What the page asked for by now. */
  readonly requests: () => readonly string[]
  /** What the browser complained of by now: refused by the policy, not found, thrown. */
  readonly complaints: () => readonly string[]
  readonly close: () => Promise<void>
}

type Send = (method: string, params?: object) => Promise<Readonly<Record<string, unknown>>>

interface Message {
  readonly id?: number
  readonly sessionId?: string
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

/** Starts a headless browser, with a profile of its own, that reaches nothing but files. */
export async function startChromium(): Promise<BrowserPage> {
  if (NO_CHROMIUM !== undefined) throw new Error(NO_CHROMIUM)
  const profile = tempFolder()
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run']
  const isolated = [`--user-data-dir=${profile}`, '--disable-background-networking', '--disable-sync']
  const child = spawn('chromium', [...args, ...isolated, '--remote-debugging-pipe', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  await Promise.race([
    once(child, 'spawn'),
    once(child, 'error').then(([error]) => Promise.reject(error as Error)),
  ])
  const { send, events } = protocol(child.stdio[3] as Writable, child.stdio[4] as Readable)
  const session = await attach(send)
  return {
    open: async (url, view) => open(session, events, url, view),
    evaluate: async <Value>(expression: string) => {
      const { result, exceptionDetails } = (await session('Runtime.evaluate', {
        expression,
        returnByValue: true,
      })) as {
        readonly result: { readonly value: Value }
        readonly exceptionDetails?: { readonly text: string }
      }
      if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`)
      return result.value
    },
    screenshot: async () =>
      String((await session('Page.captureScreenshot', { captureBeyondViewport: false }))['data']),
    pdf: async () => String((await session('Page.printToPDF', { printBackground: true }))['data']),
    requests: () =>
      told(events, 'Network.requestWillBeSent', ({ request }) => (request as { url: string }).url),
    complaints: () => [
      ...told(events, 'Log.entryAdded', ({ entry }) => (entry as { text: string }).text),
      ...told(events, 'Runtime.exceptionThrown', ({ exceptionDetails }) => JSON.stringify(exceptionDetails)),
    ],
    close: async () => {
      await send('Browser.close').catch(() => child.kill('SIGKILL'))
      await closed
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    },
  }
}

/** Messages of the protocol are JSON texts, each ended by a zero byte. */
function protocol(input: Writable, output: Readable) {
  const waiting = new Map<
    number,
    { resolve: (value: Readonly<Record<string, unknown>>) => void; reject: (error: Error) => void }
  >()
  const events: Message[] = []
  let last = 0
  let rest = ''
  const take = (message: Message): void => {
    if (message.id === undefined) {
      events.push(message)
      return
    }
    const asked = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error) asked?.reject(new Error(message.error.message))
    else asked?.resolve(message.result ?? {})
  }
  output.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\0')
    rest = parts.pop() ?? ''
    for (const part of parts) take(JSON.parse(part) as Message)
  })
  output.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium ended'))
  })
  const send = (method: string, params: object = {}, sessionId?: string) =>
    new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      input.write(
        `${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`,
      )
    })
  return { send, events }
}

async function attach(
  send: (method: string, params?: object, sessionId?: string) => ReturnType<Send>,
): Promise<Send> {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
  const session: Send = (method, params) => send(method, params, String(sessionId))
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await session(`${domain}.enable`)
  return session
}

async function open(session: Send, events: readonly Message[], url: string, view: View): Promise<void> {
  const { width, height = 900, scheme = 'light', media = 'screen' } = view
  await session('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
  await session('Emulation.setEmulatedMedia', {
    media,
    features: [{ name: 'prefers-color-scheme', value: scheme }],
  })
  const loads = (): number => events.filter(({ method }) => method === 'Page.loadEventFired').length
  const before = loads()
  const { errorText } = await session('Page.navigate', { url })
  if (errorText !== undefined) throw new Error(`${url}: ${JSON.stringify(errorText)}`)
  for (let waited = 0; loads() === before; waited += 20) {
    if (waited > 20_000) throw new Error(`${url} was not loaded after 20 s`)
    await setTimeout(20)
  }
}

function told(
  events: readonly Message[],
  wanted: string,
  read: (params: Readonly<Record<string, unknown>>) => string,
) {
  return events.filter(({ method }) => method === wanted).map(({ params }) => read(params ?? {}))
}

function whyNot(): string | undefined {
  const { error } = spawnSync('chromium', ['--version'])
  return error && 'chromium is not on the PATH: `apt-get install --no-install-recommends chromium` has it'
}
