import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ActionRoute } from '../../receiver/action-handler.ts'
import { listen } from '../../receiver/http/listen.ts'
import { answerOf, call } from './http-caller.ts'
import { startTestReceiver } from '../support/test-receiver.ts'
import { removeTempFolders } from '../support/temp-ledger.ts'

afterAll(removeTempFolders)

const open = async (app: RequestListener) => {
  const door = await listen({ host: '127.0.0.1', port: 0 })
  door.serve(app)
  return door
}

/** Long enough that a test which waits for it fails by its own time limit. */
const LONG_MS = 60_000

/** A gate that the test opens. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let release: (() => void) | undefined
  const opened = new Promise<void>((resolve) => (release = resolve))
  return { opened, open: () => release?.() }
}

describe('draining', () => {
  test('answers a request that is under way, takes no new one, then closes', async () => {
    const [entered, leave] = [gate(), gate()]
    const slow: ActionRoute = {
      name: 'slow',
      scope: 'actions:slow',
      handle: async () => {
        entered.open()
        await leave.opened
        return { status: 'done' }
      },
    }
    const receiver = await startTestReceiver({ actions: [slow] })
    const authorization = `Bearer ${await receiver.token(['actions:slow'])}`
    const headers = { 'content-type': 'application/json', authorization }
    const underWay = call(`${receiver.url}/actions/slow`, { method: 'POST', headers, body: '{}' })
    await entered.opened
    let drained = false
    const drain = receiver.drain(LONG_MS).then(() => (drained = true))
    await expect(call(`${receiver.url}/health/live`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(drained).toBe(false)
    leave.open()
    expect(await underWay).toMatchObject({ status: 200, json: { status: 'done' } })
    await drain
    await receiver.ledger.close()
  })

  test('is not held up by connections kept alive: an idle one, or one that was just answered', async () => {
    const leave = gate()
    const entered = gate()
    const door = await open((req, res) => {
      if (req.url === '/fast') {
        res.end('fast')
        return
      }
      entered.open()
      void leave.opened.then(() => res.end('slow'))
    })
    const agent = new Agent({ keepAlive: true })
    const slow = answerOf(request(`${door.url}/slow`, { agent }).end())
    await entered.opened
    expect(await answerOf(request(`${door.url}/fast`, { agent }).end())).toMatchObject({ text: 'fast' })
    const begun = performance.now()
    const drain = door.drain(LONG_MS)
    leave.open()
    expect(await slow).toMatchObject({ text: 'slow' })
    await drain
    // Node keeps an answered connection for five seconds.
    expect(performance.now() - begun).toBeLessThan(4000)
    agent.destroy()
  })

  test('sends a large answer to its end, to a reader who takes his time', async () => {
    const size = 30_000_000
    const ended = gate()
    const door = await open((_req, res) => {
      res.end(Buffer.alloc(size, 'x'))
      ended.open()
    })
    const sent = request(door.url, { agent: new Agent({ keepAlive: true }) }).end()
    const response = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve))
    await ended.opened
    const drain = door.drain(LONG_MS)
    await sleep(50)
    let received = 0
    let complete = false
    response.on('data', (chunk: Buffer) => (received += chunk.length))
    response.once('end', () => (complete = true))
    response.on('error', () => undefined)
    await once(response, 'close')
    expect([received, complete]).toEqual([size, true])
    await drain
  })

  test('cuts what is left when the time is over', async () => {
    const entered = gate()
    const door = await open(() => entered.open())
    const never = call(door.url)
    await entered.opened
    await Promise.all([door.drain(50), expect(never).rejects.toMatchObject({ code: 'ECONNRESET' })])
  })

  test('does not wait for a connection that never sent a request', async () => {
    const door = await open((_req, res) => res.end())
    const { hostname, port } = new URL(door.url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    // The server has accepted it when it has answered a later one.
    await call(door.url)
    socket.on('error', () => undefined)
    await Promise.all([door.drain(LONG_MS), once(socket.resume(), 'close')])
  })
})

describe('listening', () => {
  test('answers 503 with Retry-After until there is an app', async () => {
    const door = await listen({ host: '127.0.0.1', port: 0 })
    expect(await call(door.url)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    door.serve((_req, res) => res.end('served'))
    expect(await call(door.url)).toMatchObject({ status: 200, text: 'served' })
    await door.drain(0)
  })

  test('on a port that is taken is an error', async () => {
    const door = await listen({ host: '127.0.0.1', port: 0 })
    const port = Number(new URL(door.url).port)
    await expect(listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await door.drain(0)
  })
})
