import Database from 'better-sqlite3'
import { call } from './http-caller.ts'
import { eventBody, startTestReceiver } from '../support/test-receiver.ts'
import { mortalThread } from '../support/mortal-thread.ts'
import { removeTempFolders, verifyFile } from '../support/temp-ledger.ts'

afterAll(removeTempFolders)

describe('health', () => {
  test('is live and ready, and says no more', async () => {
    const receiver = await startTestReceiver()
    for (const path of ['/health/live', '/health/ready']) {
      expect(await call(receiver.url + path)).toMatchObject({ status: 200, text: '{"status":"ok"}' })
    }
    await receiver.close()
  })

  test('is not ready while the ledger cannot write, sends deliveries away meanwhile, and recovers by itself', async () => {
    const receiver = await startTestReceiver({ ledger: { busyTimeoutMs: 20 } })
    await receiver.deliver(eventBody())
    const text = eventBody()
    const other = new Database(receiver.file)
    other.exec('BEGIN IMMEDIATE')

    const refused = await receiver.deliver(text)
    expect(refused).toMatchObject({
      status: 503,
      json: { type: 'urn:filter-ledger:problem:ledger-unavailable' },
    })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(await call(`${receiver.url}/health/ready`)).toMatchObject({
      status: 503,
      json: { type: 'urn:filter-ledger:problem:not-ready' },
    })
    expect(await call(`${receiver.url}/health/live`)).toMatchObject({ status: 200 })
    expect(receiver.ledger.reader.size()).toBe(2)

    other.exec('ROLLBACK')
    other.close()
    expect(await call(`${receiver.url}/health/ready`)).toMatchObject({ status: 200 })
    expect(await receiver.deliver(text)).toMatchObject({ status: 202 })
    expect(receiver.ledger.reader.size()).toBe(3)
    await receiver.close()
    expect(await verifyFile(receiver.file)).toMatchObject({ ok: true, size: 3 })
  })

  test('is not live any more when the thread that writes has ended: deliveries get 503, and a new start is due', async () => {
    const receiver = await startTestReceiver({ ledger: { writerThread: mortalThread('process.exit(0)') } })
    expect(await receiver.deliver(eventBody())).toMatchObject({ status: 202 })
    const lost = await receiver.deliver(eventBody({ note: 'poison', filter: { id: 'poison' } }))
    expect(lost).toMatchObject({ status: 503 })
    expect(Number(lost.headers['retry-after'])).toBeGreaterThan(0)
    expect(await receiver.deliver(eventBody())).toMatchObject({ status: 503 })
    for (const path of ['/health/live', '/health/ready'])
      expect(await call(receiver.url + path)).toMatchObject({ status: 503 })
    await receiver.close()
    expect(await verifyFile(receiver.file)).toMatchObject({ ok: true, size: 2 })
  })

  test('a delivery whose key entry could not be written is stored with it the next time', async () => {
    const receiver = await startTestReceiver({ ledger: { busyTimeoutMs: 20 } })
    const other = new Database(receiver.file)
    other.exec('BEGIN IMMEDIATE')
    const text = eventBody()
    expect(await receiver.deliver(text)).toMatchObject({ status: 503 })
    other.exec('ROLLBACK')
    other.close()
    expect(await receiver.deliver(text)).toMatchObject({ status: 202 })
    expect(receiver.ledger.reader.size()).toBe(2)
    await receiver.close()
  })

  test('a ledger that is closed is 503, not a lost event', async () => {
    const receiver = await startTestReceiver()
    await receiver.ledger.close()
    expect(await receiver.deliver(eventBody())).toMatchObject({ status: 503 })
    await receiver.drain(1000)
  })
})
