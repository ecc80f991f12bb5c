import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { readFromUrl } from '../../cli/read-log-file.ts'
import { underGarbageCollection } from '../support/collect-garbage.ts'
import { removeTempFolders, tempFolder } from '../support/temp-ledger.ts'
import { runCli } from './run-cli.ts'

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
  removeTempFolders()
})

const verify = () => runCli(['ledger', 'verify', url], { cwd: tempFolder() })
const refused = (said: string) => ({
  code: 3,
  out: '',
  err: expect.stringMatching(new RegExp(`^filter-ledger: .*${said}.*\\n$`)) as string,
})

describe('a published log over HTTP', () => {
  test('that stalls after its first byte ends the run, also when garbage is collected meanwhile', async () => {
    answer = (_req, res) => {
      res.writeHead(200)
      res.write('x')
    }
    const read = readFromUrl(new URL(url), { timeoutMs: 500 })
    await underGarbageCollection(() =>
      expect(read('checkpoint')).rejects.toMatchObject({
        code: 3,
        message: expect.stringContaining('did not come within 0.5 s') as string,
      }),
    )
  }, 10_000)

  test('that never answers ends the run', async () => {
    answer = () => undefined
    await expect(readFromUrl(new URL(url), { timeoutMs: 300 })('checkpoint')).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining('did not come within') as string,
    })
  })

  test('that is cut off in a body is told in one line', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { 'content-length': '1000' })
      res.write('x', () => res.destroy())
    }
    expect(await verify()).toMatchObject(refused('verifier-keys was cut off in the middle'))
  })

  test('that never ends is not read to its end', async () => {
    let sent = 0
    answer = (_req, res) => {
      const more = (): void => {
        while (!res.destroyed && res.write(Buffer.alloc(65_536))) sent += 65_536
      }
      res.on('drain', more)
      more()
    }
    expect(await verify()).toMatchObject(refused('is larger than any file of a log'))
    expect(sent).toBeLessThan(60_000_000)
  })
})
