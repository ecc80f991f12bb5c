import { hashingQueue } from '../../../receiver/oauth/hashing-queue.ts'

const asker = (address: string, isKnown = false) => ({ address, isKnown })

/** Work that ends when it is told to. */
function holdable() {
  const ends: (() => void)[] = []
  let running = 0
  let most = 0
  const work = async (): Promise<string> => {
    running++
    most = Math.max(most, running)
    await new Promise<void>((resolve) => ends.push(resolve))
    running--
    return 'done'
  }
  return { work, ends, most: () => most }
}

describe('the queue of hashes', () => {
  test('runs so many at once and no more, in their order, and all of them', async () => {
    const inTurn = hashingQueue({ atOnce: 2, places: 32 })
    const { work, ends, most } = holdable()
    const all = ['a', 'b', 'c', 'd', 'e'].map((address) => inTurn(asker(address), work))
    for (let done = 0; done < 5; done++) {
      while (ends.length === done) await new Promise((resolve) => setImmediate(resolve))
      ends[done]?.()
    }
    expect(await Promise.all(all)).toEqual(Array<string>(5).fill('done'))
    expect(most()).toBe(2)
  })

  test('has a place for known addresses when strangers have taken theirs, and a quarter for one address', async () => {
    const inTurn = hashingQueue({ atOnce: 1, places: 8 })
    const { work } = holdable()
    const refused = expect.objectContaining({ code: 'busy' }) as Error
    const under = [inTurn(asker('a'), work), inTurn(asker('a'), work)]
    await expect(inTurn(asker('a'), work)).rejects.toEqual(refused)
    under.push(...['b', 'c', 'd', 'e'].map((address) => inTurn(asker(address), work)))
    await expect(inTurn(asker('f'), work)).rejects.toEqual(refused)
    under.push(inTurn(asker('f', true), work), inTurn(asker('g', true), work))
    await expect(inTurn(asker('h', true), work)).rejects.toEqual(refused)
    expect(under).toHaveLength(8)
  })

  test('gives the place of work that failed to the next', async () => {
    const inTurn = hashingQueue({ atOnce: 1, places: 8 })
    const failing = inTurn(asker('a'), () => Promise.reject(new Error('no memory')))
    const next = inTurn(asker('b'), () => Promise.resolve('done'))
    await expect(failing).rejects.toThrow('no memory')
    expect(await next).toBe('done')
    expect(await inTurn(asker('c'), () => Promise.resolve('done'))).toBe('done')
  })
})
