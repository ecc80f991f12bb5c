import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects garbage again and again while something runs: what is held by nothing does not outlive it. */
export async function underGarbageCollection<T>(run: () => Promise<T>): Promise<T> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const timer = setInterval(collect, 20)
  try {
    return await run()
  } finally {
    clearInterval(timer)
  }
}
