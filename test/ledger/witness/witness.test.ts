import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { parseCheckpoint } from '../../../ledger/note/checkpoint.ts'
import { noteSigner } from '../../../ledger/note/note-signer.ts'
import type { NoteSigner } from '../../../ledger/note/note-signer.ts'
import { parseNote, verifiedBy } from '../../../ledger/note/signed-note.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { consistencyProof } from '../../../ledger/tree/proof.ts'
import { formatAddCheckpoint } from '../../../ledger/witness/add-checkpoint.ts'
import { askWitness } from '../../../ledger/witness/ask-witness.ts'
import type { Witness } from '../../../ledger/witness/ask-witness.ts'
import { createCosigner } from '../../../ledger/witness/cosigner.ts'
import { createWitness } from '../../../ledger/witness/witness.ts'
import { folderStore } from '../../../ledger/witness/witness-store.ts'
import { listen } from '../../../receiver/http/listen.ts'
import { createWitnessApp } from '../../../receiver/witness/witness-app.ts'
import { underGarbageCollection } from '../../support/collect-garbage.ts'
import {
  draft,
  openTempLedger,
  removeTempFolders,
  tempFolder,
  TEST_SIGNER,
  TEST_KEY_PEM,
} from '../../support/temp-ledger.ts'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(removeTempFolders)

const now = (): Date => new Date()
const pem = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

interface RunningWitness extends Witness {
  readonly folder: string
  readonly signer: NoteSigner
}

/** A witness that really listens. */
async function startWitness(
  name: string,
  folder = tempFolder(),
  signer = noteSigner(name, pem(), 'cosignature'),
): Promise<RunningWitness> {
  const addCheckpoint = createWitness({ signer, logs: [TEST_SIGNER.key], store: folderStore(folder), now })
  const door = await listen({ host: '127.0.0.1', port: 0 })
  door.serve(createWitnessApp({ addCheckpoint, onError: () => undefined }))
  closers.push(() => door.drain(0))
  return { url: new URL(door.url), key: signer.key, folder, signer }
}

async function someLedger(entries: number): Promise<Ledger> {
  const ledger = await openTempLedger()
  closers.push(() => ledger.close())
  await append(ledger, entries)
  return ledger
}

async function append(ledger: Ledger, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => ledger.append({ entry: draft() })))
}

const ask = (witness: Witness, ledger: Ledger, oldSize = 0, timeoutMs = 2000) =>
  askWitness(
    witness,
    {
      checkpoint: ledger.log.checkpoint() ?? '',
      oldSize,
      proofBetween: (from, to) => consistencyProof(from, to, ledger.log.node),
    },
    { fetch, now, timeoutMs },
  )

/** Something that answers as it likes. */
async function startImpostor(listener: RequestListener): Promise<URL> {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Hands a request on to a witness, as a proxy in front of it does. */
async function relay(req: IncomingMessage, url: URL): Promise<{ status: number; text: string }> {
  const body = await text(req)
  const answer = await fetch(new URL('add-checkpoint', url), { method: 'POST', body })
  return { status: answer.status, text: await answer.text() }
}

describe('a witness that stalls', () => {
  test('in the middle of its answer is given up in time, also while garbage is collected', async () => {
    const url = await startImpostor((_req, res) => {
      res.writeHead(200)
      res.write('x')
    })
    const ledger = await someLedger(3)
    const witness = { url, key: noteSigner('w.test/stalled', TEST_KEY_PEM, 'cosignature').key }
    await underGarbageCollection(async () => {
      await expect(ask(witness, ledger, 0, 500)).rejects.toMatchObject({ code: 'witness-unreachable' })
    })
  }, 10_000)
})

describe('a log and its witness', () => {
  test('each new head is cosigned, also when the log forgot what the witness has', async () => {
    const [witness, ledger] = [await startWitness('w.test/one'), await someLedger(5)]
    for (const old of [0, 5, 0]) {
      const signature = await ask(witness, ledger, old)
      await ledger.addCosignature(ledger.reader.size(), signature)
      const note = ledger.log.checkpoint() ?? ''
      expect(verifiedBy(parseNote(note), [witness.key, TEST_SIGNER.key])).toHaveLength(2)
      await append(ledger, 3)
    }
  })

  test('asking again about the same head is answered again', async () => {
    const [witness, ledger] = [await startWitness('w.test/one'), await someLedger(5)]
    await ask(witness, ledger)
    await expect(ask(witness, ledger, 5)).resolves.toMatchObject({ name: 'w.test/one' })
  })

  test('another history of the same or a greater size is refused, and so is an older head', async () => {
    const [witness, ledger, fork] = [
      await startWitness('w.test/one'),
      await someLedger(5),
      await someLedger(5),
    ]
    await ask(witness, ledger)
    await expect(ask(witness, fork)).rejects.toMatchObject({ code: 'ledger-forked' })
    await append(fork, 4)
    await expect(ask(witness, fork)).rejects.toMatchObject({ code: 'ledger-forked' })
    await append(ledger, 9)
    await ask(witness, ledger, 5)
    await expect(ask(witness, fork)).rejects.toMatchObject({ code: 'ledger-rolled-back' })
  })

  test('what a witness saw outlives it', async () => {
    const [first, ledger, fork] = [await startWitness('w.test/one'), await someLedger(5), await someLedger(6)]
    await ask(first, ledger)
    const again = await startWitness('w.test/one', first.folder, first.signer)
    await expect(ask(again, fork)).rejects.toMatchObject({ code: 'ledger-forked' })
    await expect(ask(again, ledger)).resolves.toMatchObject({ keyId: first.key.keyId })
  })

  test('a witness whose memory is damaged signs nothing', async () => {
    const [witness, ledger] = [await startWitness('w.test/one'), await someLedger(5)]
    await ask(witness, ledger)
    const store = folderStore(witness.folder)
    const { createHash } = await import('node:crypto')
    writeFileSync(
      join(witness.folder, 'logs', createHash('sha256').update(TEST_SIGNER.key.name).digest('hex')),
      'x',
    )
    await expect(store.read(TEST_SIGNER.key.name)).rejects.toMatchObject({ code: 'ledger-damaged' })
    await expect(ask(witness, ledger)).rejects.toMatchObject({ code: 'witness-unreachable' })
  })

  test('a witness never signs two roots of one size, whatever it is asked and in whatever order', async () => {
    const histories = await Promise.all([someLedger(0), someLedger(0)])
    for (const ledger of histories) for (let i = 0; i < 8; i++) await append(ledger, 1)
    const asked = fc.record({ history: fc.nat(1), size: fc.nat(8), old: fc.nat(8) })
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 12 }), async (requests) => {
        const signer = noteSigner('w.test/p', pem(), 'cosignature')
        const witness = createWitness({
          signer,
          logs: [TEST_SIGNER.key],
          store: folderStore(tempFolder()),
          now,
        })
        const signed = new Map<number, string>()
        await Promise.all(
          requests.map(async ({ history, size, old }) => {
            const ledger = histories[history] as Ledger
            const checkpoint = ledger.log.checkpointAt(size) ?? ''
            const proof = old <= size ? consistencyProof(old, size, ledger.log.node) : []
            const { kind } = await witness(formatAddCheckpoint({ oldSize: old, proof, checkpoint }))
            if (kind !== 'cosigned') return
            const root = parseCheckpoint(checkpoint).root.toString('hex')
            expect(signed.get(size) ?? root).toBe(root)
            signed.set(size, root)
          }),
        )
      }),
      { numRuns: 40 },
    )
  })
})

describe('what a witness answers', () => {
  const post = (witness: Witness, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(new URL('add-checkpoint', witness.url), { method: 'POST', body })

  test('409 with its size when the old size is not the one that it has', async () => {
    const [witness, ledger] = [await startWitness('w.test/one'), await someLedger(5)]
    await ask(witness, ledger)
    const answer = await post(
      witness,
      formatAddCheckpoint({ oldSize: 3, proof: [], checkpoint: ledger.log.checkpoint() ?? '' }),
    )
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      409,
      'text/x.tlog.size',
      '5\n',
    ])
  })

  test('a refusal with a reason for all else, and never a 500', async () => {
    const [witness, ledger] = [await startWitness('w.test/one'), await someLedger(5)]
    const note = ledger.log.checkpoint() ?? ''
    const stranger = noteSigner(TEST_SIGNER.key.name, pem())
    const { text } = parseNote(note)
    const { signNote } = await import('../../../ledger/note/note-signer.ts')
    const cases: readonly (readonly [string, number])[] = [
      ['', 400],
      ['old x\n\n' + note, 400],
      ['old 0\nnot base64!\n\n' + note, 400],
      ['old 0\n' + `${Buffer.alloc(32).toString('base64')}\n`.repeat(64) + '\n' + note, 400],
      ['old 9\n\n' + note, 400],
      ['old 0\n\nno note', 400],
      ['old 0\n\n' + note.replace(TEST_SIGNER.key.name, 'other.test/log'), 404],
      ['old 0\n\n' + signNote(stranger, text, 0), 403],
      ['old 0\n\n' + note.replace('\n5\n', '\n6\n'), 403],
      [`old 0\n${Buffer.alloc(32).toString('base64')}\n\n` + note, 422],
      ['x'.repeat(1_000_000), 413],
    ]
    for (const [body, status] of cases) {
      const answer = await post(witness, body)
      expect([body.slice(0, 30), answer.status]).toEqual([body.slice(0, 30), status])
      expect(await answer.text()).not.toMatch(/ at .*\.[jt]s/)
    }
    expect((await post(witness, new Uint8Array([0xff, 0xfe, 0x00]))).status).toBe(400)
    expect((await fetch(new URL('other', witness.url))).status).toBe(404)
    expect((await fetch(new URL('health/live', witness.url))).status).toBe(200)
  })
})

describe('what a log takes from a witness', () => {
  const key = noteSigner('w.test/one', pem(), 'cosignature').key

  test.each<[string, RequestListener, string]>([
    ['a web page', (_req, res) => res.end('<html>'), 'witness-refused'],
    ['nothing', (_req, res) => res.end(), 'witness-refused'],
    ['megabytes', (_req, res) => res.end(Buffer.alloc(2_000_000, 0x20)), 'witness-refused'],
    [
      'a redirect',
      (_req, res) => res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'witness-unreachable',
    ],
    ['500', (_req, res) => res.writeHead(500).end(), 'witness-unreachable'],
    ['429', (_req, res) => res.writeHead(429).end(), 'witness-unreachable'],
    ['403', (_req, res) => res.writeHead(403).end(), 'witness-refused'],
    ['409 without a size', (_req, res) => res.writeHead(409).end('5'), 'witness-refused'],
    ['422', (_req, res) => res.writeHead(422).end(), 'ledger-forked'],
    ['a cut connection', (req) => req.socket.destroy(), 'witness-unreachable'],
    ['silence', () => undefined, 'witness-unreachable'],
  ])('%s is an error with a name', async (_what, listener, code) => {
    const ledger = await someLedger(1)
    const url = await startImpostor(listener)
    await expect(ask({ url, key }, ledger, 0, 500)).rejects.toMatchObject({ code })
  })

  test('409 with a size that grows from one answer to the next is no fork; the same size twice is', async () => {
    const ledger = await someLedger(3)
    for (const [sizes, code] of [
      [['1', '2'], 'witness-unreachable'],
      [['1', '9000'], 'witness-unreachable'],
      [['1', '1'], 'ledger-forked'],
      [['0'], 'witness-refused'],
      [['1', 'x'], 'witness-refused'],
      [['9000'], 'ledger-rolled-back'],
    ] as const) {
      let asked = 0
      const url = await startImpostor((_req, res) =>
        res.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${sizes[asked++] ?? ''}\n`),
      )
      await expect(ask({ url, key }, ledger)).rejects.toMatchObject({ code })
      expect(asked).toBe(sizes.length)
    }
  })

  test('a signature of its key over something else is refused, one of another key is not taken for it', async () => {
    const ledger = await someLedger(1)
    const signer = noteSigner('w.test/one', pem(), 'cosignature')
    const { formatSignature } = await import('../../../ledger/note/signed-note.ts')
    const { text } = parseNote(ledger.log.checkpoint() ?? '')
    for (const signature of [
      signer.sign(`${text}x\n`, 1000),
      noteSigner('w.test/one', pem(), 'cosignature').sign(text, 1000),
      signer.sign(text, Math.floor(Date.now() / 1000) + 3600),
    ]) {
      const url = await startImpostor((_req, res) => res.end(formatSignature(signature)))
      await expect(ask({ url, key: signer.key }, ledger)).rejects.toMatchObject({ code: 'witness-refused' })
    }
  })
})

describe('a quorum', () => {
  test('of two out of three is met while one is down, and only then is a checkpoint published', async () => {
    const ledger = await someLedger(4)
    const [one, two] = [await startWitness('w.test/one'), await startWitness('w.test/two')]
    const down: Witness = {
      url: new URL('http://127.0.0.1:1/'),
      key: noteSigner('w.test/down', pem(), 'cosignature').key,
    }
    const outcomes: (readonly [string, string | undefined])[] = []
    const options = {
      fetch,
      now,
      quorum: 2,
      onOutcome: (name: string, error?: { code: string }) => void outcomes.push([name, error?.code]),
    }
    const cosigner = createCosigner(ledger, { ...options, witnesses: [one, two, down] })
    expect(cosigner.published()).toBeUndefined()
    await cosigner.ask()
    expect(new Map(outcomes)).toEqual(
      new Map([
        ['w.test/one', undefined],
        ['w.test/two', undefined],
        ['w.test/down', 'witness-unreachable'],
      ]),
    )
    expect(verifiedBy(parseNote(cosigner.published() ?? ''), [one.key, two.key])).toHaveLength(2)
    await append(ledger, 2)
    expect(parseCheckpoint(cosigner.published() ?? '').size).toBe(4)
    const restarted = createCosigner(ledger, { ...options, witnesses: [one, two, down] })
    expect(parseCheckpoint(restarted.published() ?? '').size).toBe(4)
    const alone = createCosigner(ledger, {
      ...options,
      witnesses: [one, down, { ...down, key: noteSigner('w.test/x', pem(), 'cosignature').key }],
    })
    await alone.ask()
    expect(alone.published()).toBeUndefined()
  })

  test('is of keys: one key under two names, or asked at two places, is one voice', async () => {
    const ledger = await someLedger(2)
    const one = await startWitness('w.test/one')
    const key = pem()
    const [two, twoAgain] = [
      await startWitness('w.test/two', tempFolder(), noteSigner('w.test/two', key, 'cosignature')),
      await startWitness('w.test/other', tempFolder(), noteSigner('w.test/other', key, 'cosignature')),
    ]
    const options = { fetch, now, quorum: 2, onOutcome: () => undefined }
    for (const witnesses of [
      [one, one],
      [two, twoAgain],
    ]) {
      const cosigner = createCosigner(ledger, { ...options, witnesses })
      await cosigner.ask()
      expect(cosigner.published()).toBeUndefined()
    }
    const cosigner = createCosigner(ledger, { ...options, witnesses: [one, two] })
    await cosigner.ask()
    expect(cosigner.published()).toBeDefined()
    const renewed = await startWitness('w.test/two')
    expect(createCosigner(ledger, { ...options, witnesses: [one, renewed] }).published()).toBeUndefined()
  })

  test('that was missed is met on a quiet ledger, once the witness that was down answers', async () => {
    const ledger = await someLedger(3)
    const witness = await startWitness('w.test/one')
    let isDown = true
    let asked = 0
    const url = await startImpostor((req, res) => {
      asked++
      if (isDown) res.writeHead(503).end()
      else void relay(req, witness.url).then((answer) => res.writeHead(answer.status).end(answer.text))
    })
    const cosigner = createCosigner(ledger, {
      fetch,
      now,
      quorum: 1,
      intervalMs: 5,
      maxIntervalMs: 40,
      witnesses: [{ url, key: witness.key }],
      onOutcome: () => undefined,
    })
    closers.push(cosigner.stop)
    await cosigner.ask()
    cosigner.follow()
    await until(() => asked >= 5)
    expect(cosigner.published()).toBeUndefined()
    isDown = false
    await until(() => cosigner.published() !== undefined)
    expect(parseCheckpoint(cosigner.published() ?? '').size).toBe(3)
    const enough = asked
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(asked).toBe(enough)
  })

  test('waits longer each time it asks again in vain, and stops asking when it is stopped', async () => {
    const ledger = await someLedger(1)
    const times: number[] = []
    const url = await startImpostor((_req, res) => {
      times.push(Date.now())
      res.writeHead(503).end()
    })
    const key = noteSigner('w.test/down', pem(), 'cosignature').key
    const options = { fetch, now, quorum: 1, intervalMs: 20, maxIntervalMs: 160, onOutcome: () => undefined }
    const cosigner = createCosigner(ledger, { ...options, witnesses: [{ url, key }] })
    await cosigner.ask()
    cosigner.follow()
    await until(() => times.length >= 6)
    cosigner.stop()
    const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0))
    for (const [i, least] of [40, 80, 160, 160, 160].entries())
      expect(waits[i]).toBeGreaterThanOrEqual(least - 2)
    const asked = times.length
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(times).toHaveLength(asked)
  })

  test('is not met by a cosignature that cannot be stored: that is told', async () => {
    const file = join(tempFolder(), 'ledger.db')
    const ledger = await openTempLedger({ file, busyTimeoutMs: 10 })
    closers.push(() => ledger.close())
    await append(ledger, 1)
    const outcomes: (string | undefined)[] = []
    const cosigner = createCosigner(ledger, {
      fetch,
      now,
      quorum: 1,
      intervalMs: 5,
      witnesses: [await startWitness('w.test/one')],
      onOutcome: (_name, error) => void outcomes.push(error?.code),
    })
    closers.push(cosigner.stop)
    const foreign = new Database(file)
    closers.push(() => void foreign.close())
    foreign.exec('BEGIN IMMEDIATE')
    await cosigner.ask()
    expect(outcomes).toEqual(['ledger-unavailable'])
    expect(cosigner.published()).toBeUndefined()
    foreign.exec('ROLLBACK')
    cosigner.follow()
    await until(() => cosigner.published() !== undefined)
    expect(outcomes.at(-1)).toBeUndefined()
  })

  test('a witness that saw another history makes asking fail, and following goes on by itself', async () => {
    const [witness, fork, ledger] = [
      await startWitness('w.test/one'),
      await someLedger(9),
      await someLedger(2),
    ]
    const options = { fetch, now, quorum: 1, intervalMs: 1, witnesses: [witness] }
    const errors: (string | undefined)[] = []
    const first = createCosigner(ledger, {
      ...options,
      onOutcome: (_name, error) => void errors.push(error?.code),
    })
    first.follow()
    await append(ledger, 1)
    while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(errors).toContain(undefined)
    expect(parseCheckpoint(first.published() ?? '').size).toBe(3)
    first.stop()
    const other = createCosigner(fork, { ...options, onOutcome: () => undefined })
    await expect(other.ask()).rejects.toMatchObject({ code: 'ledger-forked' })
  })
})
