import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Writes a stream to standard output, and ends when the last byte was taken. @throws `EPIPE` when nobody reads */
export async function writeToOutput(
  ...streams: readonly [Readable, ...NodeJS.ReadWriteStream[]]
): Promise<void> {
  const { stdout } = process
  let failure: Error | undefined
  const note = (error: Error): void => {
    failure ??= error
  }
  stdout.on('error', note)
  try {
    await pipeline([...streams, stdout], { end: false })
    // The pipeline ends with the last write, not with its outcome.
    await new Promise<void>((resolve) => stdout.write('', () => resolve()))
  } finally {
    stdout.off('error', note)
  }
  if (failure) throw failure
}
