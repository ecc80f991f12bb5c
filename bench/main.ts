import { benchIngest } from './ingest/bench-ingest.ts'
import { benchLedger } from './ledger/bench-ledger.ts'
import { benchMetrics } from './metrics/bench-metrics.ts'
import { benchPipeline } from './pipeline/bench-pipeline.ts'

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<object>>> = {
  ingest: benchIngest,
  ledger: benchLedger,
  metrics: benchMetrics,
  pipeline: benchPipeline,
}

const [name = '', ...args] = process.argv.slice(2)
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
if (bench) process.stdout.write(`${JSON.stringify(await bench(args))}\n`)
else {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')}\n`)
  process.exitCode = 2
}
