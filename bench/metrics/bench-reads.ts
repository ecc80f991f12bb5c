import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { summarise } from '../../ledger/metrics/metrics-summary.ts'
import { openReader } from '../../ledger/store/entry-reader.ts'
import { MIGRATIONS } from '../../migrations/migrations.ts'
import { inTurns } from '../rounds.ts'
import type { Comparison } from '../rounds.ts'

const REQUESTS = 1000
const WARM_UP = 100

interface Served {
  readonly p99: () => Promise<number>
  readonly close: () => Promise<void>
}

/** The p99 of `GET /metrics/filters` over a large ledger against that over a small one; milliseconds. */
export async function benchReads(large: string, small: string): Promise<Comparison> {
  const [big, little] = [await serve(large), await serve(small)]
  try {
    return await inTurns(5, big.p99, little.p99)
  } finally {
    await big.close()
    await little.close()
  }
}

/** The route's own work over real HTTP, without its token. */
async function serve(file: string): Promise<Served> {
  const reader = await openReader({ file, migrations: MIGRATIONS })
  const app = express()
  app.get('/metrics/filters', (_req, res) => void res.json(summarise(reader.metrics)))
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics/filters`
  const time = async (): Promise<number> => {
    const start = performance.now()
    await (await fetch(url)).text()
    return performance.now() - start
  }
  return {
    p99: async () => {
      for (let i = 0; i < WARM_UP; i++) await time()
      const times: number[] = []
      for (let i = 0; i < REQUESTS; i++) times.push(await time())
      return times.sort((a, b) => a - b)[Math.floor(REQUESTS * 0.99)] ?? NaN
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await reader.close()
    },
  }
}
