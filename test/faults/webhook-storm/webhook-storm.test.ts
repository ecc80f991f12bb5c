import { runCli } from '../../cli/run-cli.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { mountProblem, mountSmallDisk } from '../small-disk.ts'
import type { SmallDisk } from '../small-disk.ts'
import {
  diskFull,
  drained,
  frozen,
  killed,
  killedWhileDiskFull,
  killedWhileLocked,
  locked,
} from './faults.ts'
import type { Fault } from './faults.ts'
import { keysDownThenRotated, keysMissingAtStart, killedWhileKeysDown } from './key-faults.ts'
import { lostOrWrong } from './nothing-lost.ts'
import { shuffled } from './seeded-random.ts'
import { startStorm } from './storm.ts'
import type { Storm, StormOptions } from './storm.ts'
import { stormTally } from './storm-tally.ts'

const SEED = Number(process.env['STORM_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const tally = stormTally(SEED)
const NO_DISK = mountProblem()
if (NO_DISK !== undefined) process.stderr.write(`skipped: a webhook storm on a full disk: ${NO_DISK}\n`)

let storm: Storm | undefined
let disk: SmallDisk | undefined

afterEach(async () => {
  await storm?.abandon()
  disk?.remove()
  storm = disk = undefined
})

afterAll(() => {
  tally.say()
  removeTempFolders()
})

const begin = async (options: Partial<StormOptions> = {}): Promise<Storm> =>
  (storm = await startStorm({ seed: SEED, ...options }))

const onDisk = (size: string): { readonly folder: string } => {
  disk = mountSmallDisk(size)
  return { folder: disk.folder }
}

const strike = async (faults: readonly Fault[]): Promise<void> => {
  for (const fault of faults) if (storm) await tally.count(fault, storm)
}

/** What has to hold when all is over. */
const expectNothingLost = async (): Promise<void> => {
  if (!storm) throw new TypeError('there is no storm')
  const sent = await storm.end()
  tally.add(storm, sent)
  expect(await lostOrWrong(storm.file, sent)).toEqual([])
  expect(storm.receiver.log.problems).toEqual([])
  const verified = await runCli(['ledger', 'verify', '--db', storm.file], { cwd: tempFolder() })
  expect(verified).toMatchObject({ code: 0, err: '' })
  // Without these the storm would have been a calm.
  expect(sent.filter(({ delivered, answers }) => delivered && answers.length > 1)).not.toEqual([])
  expect(storm.receiver.log.count('202 duplicate')).toBeGreaterThan(0)
}

describe('of the events that a sender counts as delivered none is lost and none is there twice, and each that it gave up was told to come again,', () => {
  test('when the receiver is killed, frozen and restarted', async () => {
    const { receiver } = await begin()
    await receiver.start()
    await strike([killed, drained, killed, frozen, killed])
    await expectNothingLost()
  }, 120_000)

  test('when the sender\u2019s key endpoint hangs, serves garbage, is down, and when the sender changes its key', async () => {
    await begin()
    await strike([keysMissingAtStart, keysDownThenRotated])
    await expectNothingLost()
  }, 120_000)

  test('when another program locks the database', async () => {
    const { receiver } = await begin()
    await receiver.start()
    await strike([locked, killedWhileLocked])
    await expectNothingLost()
  }, 120_000)

  test('when there is more than the queue takes, and more than a source may send', async () => {
    const { receiver, until, untilMore } = await begin({
      senders: 48,
      hooksPerMinute: 60,
      env: { FILTER_LEDGER_QUEUE: '2', FILTER_LEDGER_DELIVERIES_UNDER_WAY: '8' },
    })
    await receiver.start()
    await until('the queue was full', () => receiver.log.count('503 queue-full') > 0)
    await untilMore('503 overloaded')
    await untilMore('429 rate-limited')
    await untilMore('202', 50)
    await expectNothingLost()
  }, 120_000)

  ;(NO_DISK === undefined ? test : test.skip)(
    'when the disk is full',
    async () => {
      const { receiver } = await begin(onDisk('64m'))
      await receiver.start()
      await strike([diskFull, killedWhileDiskFull])
      await expectNothingLost()
    },
    120_000,
  )

  test('when all of it comes in any order', async () => {
    const { receiver, random } = await begin(NO_DISK === undefined ? onDisk('64m') : {})
    await receiver.start()
    const ofDisk = NO_DISK === undefined ? [diskFull, killedWhileDiskFull] : []
    await strike(shuffled([killed, killed, drained, frozen, locked, killedWhileKeysDown, ...ofDisk], random))
    await expectNothingLost()
  }, 120_000)
})
