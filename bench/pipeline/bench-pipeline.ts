import { availableParallelism } from 'node:os'
import { benchOverhead } from './bench-overhead.ts'
import { benchPlans } from './bench-plans.ts'

/** What the pipeline costs beside the calls that it makes, and how planning grows with the filters. */
export async function benchPipeline(): Promise<object> {
  return {
    bench: 'pipeline',
    apply_50_s: { peer_is: 'the same calls with the SDK alone', ...(await benchOverhead()) },
    plans: benchPlans(),
    machine: { cores: availableParallelism(), node: process.version },
  }
}
