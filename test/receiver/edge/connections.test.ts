import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressSet } from '../../../receiver/http/address-set.ts'
import { listen } from '../../../receiver/http/listen.ts'
import type { ConnectionRefusal, Listening, ListenOptions } from '../../../receiver/http/listen.ts'
import { eventBody, SIGNATURE_HEADER, startTestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { call, sendBytes } from '../http-caller.ts'

afterAll(removeTempFolders)

interface Door extends Listening {
  readonly refused: ConnectionRefusal[]
  readonly served: () => number
}

async function open(options: Partial<ListenOptions> = {}): Promise<Door> {
  const refused: ConnectionRefusal[] = []
  let served = 0
  const onRefused = (refusal: ConnectionRefusal): void => void refused.push(refusal)
  const door = await listen({ host: '127.0.0.1', port: 0, onRefused, ...options })
  door.serve((_req, res) => {
    served++
    setTimeout(() => res.end('served'), 50)
  })
  doors.push(door)
  return { ...door, refused, served: () => served }
}

/** Opens connections, one after the other, and holds them; those that were closed at once are so when it resolves. */
async function hold(url: string, count: number, localAddress = '127.0.0.1'): Promise<Socket[]> {
  const { hostname, port } = new URL(url)
  const sockets: Socket[] = []
  for (let i = 0; i < count; i++) {
    const socket = connect({ host: hostname, port: Number(port), localAddress })
    socket.on('error', () => undefined).resume()
    held.push(socket)
    sockets.push(socket)
    await once(socket, 'connect')
  }
  await sleep(300)
  return sockets
}

const held: Socket[] = []
const doors: Listening[] = []

afterEach(async () => {
  for (const socket of held.splice(0)) socket.destroy()
  for (const door of doors.splice(0)) await door.drain(0)
})

describe('a connection', () => {
  test('with more requests at once than a client has is closed, and those of the packet cost nothing', async () => {
    const door = await open()
    await sendBytes(door.url, Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2000)))
    expect(door.refused).toEqual(['pipelined'])
    expect(door.served()).toBeLessThanOrEqual(16)
    expect(await call(door.url)).toMatchObject({ text: 'served' })
  })

  test('with a few of them is served', async () => {
    const door = await open()
    const last = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'
    expect(await sendBytes(door.url, Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(7) + last))).toBe(
      200,
    )
    expect(door.served()).toBe(8)
  })

  test('is one of at most 1024 of its address, so that there is one left for others; a trusted proxy has more', async () => {
    for (const trusted of [false, true]) {
      const door = await open(trusted ? { trustedProxies: addressSet(['127.0.0.0/8']) } : {})
      const sockets = await hold(door.url, 1100)
      const closed = sockets.filter(({ closed: isClosed }) => isClosed).length
      expect(closed).toBe(trusted ? 0 : 76)
      expect(door.refused).toHaveLength(closed)
      const [other] = await hold(door.url, 1, '127.0.0.2')
      expect(other?.closed).toBe(false)
      for (const socket of [...sockets, other]) socket?.destroy()
    }
  }, 20_000)
})

describe('a client that asks before it sends', () => {
  test('is told to go on, and not for what is too large', async () => {
    const receiver = await startTestReceiver()
    const ask = (length: number): Promise<string> =>
      new Promise((resolve) => {
        const { hostname, port } = new URL(receiver.url)
        const socket = connect(Number(port), hostname)
        socket.once('data', (chunk: Buffer) => {
          resolve(chunk.toString('latin1').slice(0, 12))
          socket.destroy()
        })
        socket.write(
          `POST /webhooks/genesys HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`,
        )
      })
    expect(await ask(100)).toBe('HTTP/1.1 100')
    expect(await ask(99_999_999)).toBe('HTTP/1.1 413')
    await receiver.close()
  })
})

describe('a request', () => {
  const delivery = async (sign: (body: Buffer) => Promise<string>, target: string, more: string) => {
    const body = Buffer.from(eventBody())
    const head = `POST ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${SIGNATURE_HEADER}: ${await sign(body)}\r\n${more}\r\n`
    return Buffer.concat([Buffer.from(head), body])
  }

  test('may name the whole URL, and a query', async () => {
    const receiver = await startTestReceiver()
    const { sign } = receiver.signers.ES256
    for (const target of ['http://x/webhooks/genesys', '/webhooks/genesys?a=b', 'HTTP://X/webhooks/genesys'])
      expect(await sendBytes(receiver.url, await delivery(sign, target, ''))).toBe(202)
    for (const target of ['/webhooks/genesys/', '/Webhooks/genesys', '/webhooks/genesys%20', '/webhooks/'])
      expect(await sendBytes(receiver.url, await delivery(sign, target, ''))).toBe(404)
    await receiver.close()
  })

  test('with so many header lines that some may be dropped is not believed', async () => {
    const receiver = await startTestReceiver()
    const { sign } = receiver.signers.ES256
    const lines = `${'a: b\r\n'.repeat(300)}${SIGNATURE_HEADER}: another\r\n`
    expect(await sendBytes(receiver.url, await delivery(sign, '/webhooks/genesys', lines))).toBe(400)
    expect(receiver.ledger.reader.size()).toBe(0)
    await receiver.close()
  })

  test('whose body never ends is cut after its refusal, not read until the time-out', async () => {
    const receiver = await startTestReceiver()
    const { hostname, port } = new URL(receiver.url)
    const socket = connect(Number(port), hostname)
    let answer = ''
    let sent = 0
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.write(
      'POST /webhooks/genesys HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    )
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk)) sent += 65_536
    }
    socket.on('drain', more)
    more()
    await new Promise((resolve) => socket.once('close', resolve))
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(sent).toBeLessThan(50_000_000)
    await receiver.close()
  }, 20_000)
})
