import { connect } from 'node:net'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import { startReceiver } from './delivery-receiver.ts'
import { call, filterPayload, FILTERS, login, SUBSCRIPTIONS, subscriptionPayload } from './sandbox-caller.ts'

/** How many things of one kind keep the process alive. */
function alive(kind: 'TCPServerWrap' | 'TCPSocketWrap' | 'Timeout'): number {
  return process.getActiveResourcesInfo().filter((one) => one === kind).length
}

/** Waits until no socket is left; one that never closes fails the test by its time-out. */
async function noSocketLeft(): Promise<void> {
  while (alive('TCPServerWrap') + alive('TCPSocketWrap') > 0) await setTimeout(10)
}

/**
 * Waits until no more timers run than before. The HTTP client has short ones of its own, which end by themselves; the
 * sandbox's run for a minute here, and one that is left fails the test by its time-out.
 */
async function noTimerLeft(before: number): Promise<void> {
  while (alive('Timeout') > before) await setTimeout(10)
}

describe('closing the sandbox', () => {
  test('leaves no socket and no timer, even with a delivery, a retry and a delayed answer under way', async () => {
    await noSocketLeft()
    const timers = alive('Timeout')
    const receiver = await startReceiver(() => 'hang')
    const down = await startReceiver(() => 503)
    const sandbox = await startSandbox({ delivery: { timeoutMs: 60_000, waitMs: 60_000 } })
    const token = await login(sandbox)
    for (const { url } of [receiver, down]) {
      const body = subscriptionPayload(url, { name: url })
      expect((await call(sandbox, 'POST', SUBSCRIPTIONS, { token, body })).status).toBe(201)
    }
    await call(sandbox, 'POST', FILTERS, { token, body: filterPayload('one') })
    await call(sandbox, 'POST', FILTERS, { token, body: filterPayload('two') })
    sandbox.addFault({ match: { path: FILTERS }, fault: { kind: 'delay', ms: 60_000 } })
    const delayed = call(sandbox, 'GET', FILTERS, { token }).catch(() => undefined)
    while (receiver.received.length === 0 || down.received.length === 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }

    await sandbox.close()
    await sandbox.close()
    await delayed
    expect(sandbox.deliveries().map(({ state }) => state)).toEqual(Array(4).fill('cancelled'))
    await receiver.close()
    await down.close()
    await noSocketLeft()
    await noTimerLeft(timers)
  })

  test('frees the port', async () => {
    const sandbox = await startSandbox()
    await sandbox.close()
    const again = await startSandbox({ port: sandbox.port })
    const socket = connect(again.port, again.host)
    await once(socket, 'connect')
    socket.on('error', () => undefined)
    const gone = once(socket, 'close')
    await again.close()
    await gone
  })
})
