import { connect } from 'node:net'
import { SIGNATURE_HEADER, startTestReceiver } from '../../support/test-receiver.ts'
import type { TestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startTestReceiver()
})

afterAll(async () => {
  await receiver.close()
  removeTempFolders()
})

/** Writes all of it at once, as a client does that reads the answer only then; 0 when the connection was reset. */
function statusAfter(head: string, body: Buffer): Promise<number> {
  const { hostname, port } = new URL(receiver.url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.once('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)))
    socket.write(head)
    socket.write(body)
  })
}

describe('a sender whose body is refused', () => {
  const large = Buffer.alloc(700_000, ' ')
  const head = (more: readonly string[]): string =>
    [
      'POST /webhooks/genesys HTTP/1.1',
      'host: x',
      'connection: close',
      `${SIGNATURE_HEADER}: x`,
      ...more,
      '',
      '',
    ].join('\r\n')

  test.each<[string, number, readonly string[]]>([
    ['by its announced length', 413, ['content-type: application/json', `content-length: ${large.length}`]],
    ['by its type', 415, ['content-type: text/plain', `content-length: ${large.length}`]],
  ])('%s gets the answer, not a reset connection', async (_name, status, more) => {
    for (let i = 0; i < 20; i++) expect(await statusAfter(head(more), large)).toBe(status)
  })

  test('gets it too when the body never comes', async () => {
    const more = ['content-type: application/json', 'content-length: 9999999']
    expect(await statusAfter(head(more), Buffer.from('{'))).toBe(413)
  })
})
