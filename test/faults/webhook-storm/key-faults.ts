import type { Fault } from './faults.ts'
import type { Storm } from './storm.ts'

/**
 * It starts while the key endpoint hangs; then that serves garbage; then it is down. The sources that do not need it
 * are served all the while, but for the start.
 */
export const keysMissingAtStart: Fault = async (storm) => {
  const { receiver, keyServer, until, untilMore } = storm
  const failed = async (outcome: string): Promise<void> => {
    await until(`the keys could not be had: ${outcome}`, () => receiver.log.keyFetches(outcome) > 0)
    await untilMore('503 keys-unavailable')
    await untilMore('202')
  }
  keyServer.hang()
  await receiver.start()
  keyServer.answer((_req, res) => res.setHeader('content-type', 'application/json').end('<html>'))
  await failed('timeout')
  await failed('not-a-key-set')
  keyServer.answer((req) => req.socket.destroy())
  await failed('unreachable')
  storm.serveKeys()
  await presentKeyServes(storm)
}

/**
 * The endpoint is down while its keys are known, which nobody notices. Then the sender signs with a new key: it is told
 * to come again, at first because its keys may not be asked for so soon, and then because they cannot be had.
 */
export const keysDownThenRotated: Fault = async (storm) => {
  const { receiver, keyServer, until } = storm
  keyServer.fail()
  await presentKeyServes(storm)
  await storm.rotateKey()
  for (const reason of ['key-unconfirmed', 'keys-unavailable']) {
    const before = receiver.log.count(`503 ${reason}`)
    await until(`deliveries were refused: ${reason}`, () => receiver.log.count(`503 ${reason}`) > before)
  }
  storm.serveKeys()
  await presentKeyServes(storm)
}

/** It is killed, and starts without keys, for their endpoint is down. */
export const killedWhileKeysDown: Fault = async (storm) => {
  const { receiver, keyServer, untilMore } = storm
  keyServer.fail()
  await receiver.kill()
  await receiver.start()
  await untilMore('503 keys-unavailable')
  storm.serveKeys()
  await presentKeyServes(storm)
}

async function presentKeyServes({ deliveredByPresentKey, until }: Storm): Promise<void> {
  const before = deliveredByPresentKey()
  await until('deliveries hold by the present key', () => deliveredByPresentKey() > before)
}
