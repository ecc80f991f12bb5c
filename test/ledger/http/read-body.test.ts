import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { bodyWithoutStall, readCapped } from '../../../ledger/http/read-body.ts'
import { isTimeout, withDeadline } from '../../../ledger/http/with-deadline.ts'
import { underGarbageCollection } from '../../support/collect-garbage.ts'

let server: Server
let url = ''
let answer: RequestListener

beforeAll(async () => {
  server = createServer((req, res) => {
    answer(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  url = `http://127.0.0.1:${address.port}/`
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const timedOut = { name: 'TimeoutError' }
const read = (ms: number, maxBytes = 1000): Promise<Buffer | undefined> =>
  withDeadline(ms, async (signal) => readCapped(await fetch(url, { signal }), maxBytes, signal))

describe('a body that is read with a deadline', () => {
  test('comes whole', async () => {
    answer = (_req, res) => res.end('whole')
    expect((await read(5000))?.toString()).toBe('whole')
  })

  test('that stops in the middle ends in time, and its connection is closed, also while garbage is collected', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (_req, res) => {
        res.once('close', resolve)
        res.writeHead(200)
        res.write('x')
      }
    })
    await underGarbageCollection(async () => {
      await expect(read(500)).rejects.toMatchObject(timedOut)
      await closed
    })
  }, 10_000)

  test('that never begins ends in time', async () => {
    answer = () => undefined
    await expect(underGarbageCollection(() => read(300))).rejects.toMatchObject(timedOut)
  }, 10_000)

  test('that drips ends in time', async () => {
    answer = (_req, res) => {
      const timer = setInterval(() => res.write('x'), 20)
      res.once('close', () => {
        clearInterval(timer)
      })
    }
    await expect(read(300)).rejects.toMatchObject(timedOut)
  }, 10_000)

  test('is not read beyond its cap', async () => {
    let sent = 0
    const cut = new Promise<void>((resolve) => {
      answer = (_req, res) => {
        const more = (): void => {
          while (!res.destroyed && res.write(' '.repeat(65_536))) sent += 65_536
        }
        res.on('drain', more).once('close', resolve)
        more()
      }
    })
    expect(await read(20_000)).toBeUndefined()
    await cut
    expect(sent).toBeLessThan(50_000_000)
  })
})

describe('a body of any length', () => {
  const chunks = async (idleMs: number, pauseMs: number): Promise<number> => {
    let size = 0
    for await (const chunk of bodyWithoutStall(await fetch(url), idleMs)) {
      size += chunk.length
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    return size
  }

  test('may take longer than each of its chunks may, and its reader may stand still', async () => {
    answer = (_req, res) => {
      let left = 10
      const timer = setInterval(() => {
        res.write('x')
        if (--left > 0) return
        clearInterval(timer)
        res.end()
      }, 100)
    }
    expect(await chunks(600, 0)).toBe(10)
    answer = (_req, res) => {
      res.write('x')
      setTimeout(() => res.end('y'), 50)
    }
    expect(await chunks(300, 600)).toBe(2)
  })

  test('that stands still ends, and its connection is closed', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (_req, res) => {
        res.once('close', resolve)
        res.write('x')
      }
    })
    await underGarbageCollection(async () => {
      const error: unknown = await chunks(400, 0).catch((reason: unknown) => reason)
      expect(isTimeout(error)).toBe(true)
      await closed
    })
  }, 10_000)
})
