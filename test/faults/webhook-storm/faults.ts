import Database from 'better-sqlite3'
import { fillUp } from '../small-disk.ts'
import type { Storm } from './storm.ts'

/** Something that happens to a receiver while events come, and is over when this resolves. It throws if it did not happen. */
export type Fault = (storm: Storm) => Promise<void>

/** So many events that where a fault strikes is a matter of chance. */
const calm: Fault = ({ random, untilMore }) => untilMore('202', Math.ceil(random() * 100))

/** `kill -9` in the middle of events; senders notice, and what they send again is taken when it is back. */
export const killed: Fault = async (storm) => {
  const { receiver, count, until, untilMore } = storm
  await calm(storm)
  const broken = (): number => count('ECONNRESET') + count('ECONNREFUSED')
  const before = broken()
  await receiver.kill()
  await until('a sender found nobody there', () => broken() > before)
  await receiver.start()
  await untilMore('202')
}

/** SIGTERM, as at every update. */
export const drained: Fault = async (storm) => {
  const { receiver, untilMore } = storm
  await calm(storm)
  const code = await receiver.drain()
  if (code !== 0) throw new Error(`it stopped with ${String(code)}`)
  await untilMore('ECONNREFUSED')
  await receiver.start()
  await untilMore('202')
}

/** It stands still for longer than senders wait; then it works off what came meanwhile, though nobody listens. */
export const frozen: Fault = async (storm) => {
  const { receiver, untilMore } = storm
  await calm(storm)
  receiver.freeze()
  await untilMore('timeout', 10)
  receiver.thaw()
  await untilMore('202')
}

/** Another program holds the database's lock for longer than the receiver waits for one. */
export const locked: Fault = async (storm) => {
  await whileLocked(storm, async ({ receiver, until }) => {
    const busy = (): number => receiver.log.count('503 ledger-busy')
    const before = busy()
    await until('deliveries were refused for the lock', () => busy() > before + 5)
    await until('it says that it is not ready', async () => !(await receiver.isReady()))
  })
  await storm.until('it is ready again', storm.receiver.isReady)
  await storm.untilMore('202')
}

/** It is killed while the lock is held: it starts all the same, refuses until the lock is given back, and then goes on. */
export const killedWhileLocked: Fault = async (storm) => {
  await whileLocked(storm, async ({ receiver, until }) => {
    await receiver.kill()
    await receiver.start()
    const busy = (): number => receiver.log.count('503 ledger-busy')
    const before = busy()
    await until('deliveries were refused for the lock', () => busy() > before + 5)
  })
  await storm.until('it is ready again', storm.receiver.isReady)
  await storm.untilMore('202')
}

async function whileLocked(storm: Storm, happens: (storm: Storm) => Promise<void>): Promise<void> {
  await calm(storm)
  const other = new Database(storm.file, { timeout: 5000 })
  try {
    other.exec(storm.random() < 0.5 ? 'BEGIN IMMEDIATE' : 'BEGIN EXCLUSIVE')
    await happens(storm)
  } finally {
    other.close()
  }
}

/** The disk has not a byte left; then somebody makes room. */
export const diskFull: Fault = async (storm) => {
  const { receiver, until, untilMore } = storm
  await calm(storm)
  const full = (): number => receiver.log.count('503 ledger-full')
  const before = full()
  const makeRoom = fillUp(`${storm.file}.ballast`)
  try {
    await until('deliveries were refused for the disk', () => full() > before + 5)
    await until('it says that it is not ready', async () => !(await receiver.isReady()))
  } finally {
    makeRoom()
  }
  await until('it is ready again', receiver.isReady)
  await untilMore('202')
}

/** It is killed while the disk is full: it starts, or is started until it does, and is back when there is room. */
export const killedWhileDiskFull: Fault = async (storm) => {
  const { receiver, until, untilMore } = storm
  await calm(storm)
  const refused = (): number => receiver.log.count('503 ledger-full') + receiver.refusedStarts.length
  const makeRoom = fillUp(`${storm.file}.ballast`)
  let started: Promise<void> | undefined
  try {
    await receiver.kill()
    const before = refused()
    started = receiver.start()
    await until('the start, or deliveries, were refused for the disk', () => refused() > before)
  } finally {
    makeRoom()
  }
  await started
  await until('it is ready again', receiver.isReady)
  await untilMore('202')
}
