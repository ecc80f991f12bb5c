// Carries out one change of the organization for each order, from the built files: node pipeline-on-order.js
// An order is a line of JSON: the ledger's file, the sandbox, what to do (`task`), and `killAt`, the number of the
// boundary at which the process kills itself. A boundary lies in front of and behind every request and every append.
//   at NUMBER NAME   a boundary was passed
//   ended TEXT       how the task ended
//   done             the order is carried out; also said first, when it is ready
// FILTER_LEDGER_CHECKPOINT_KEY and FILTER_LEDGER_ORIGIN name the file of the key, and the ledger.
/* global fetch, Response */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseFilter } from '../../dist/actions/filter/filter-payload.js'
import { genesysClient } from '../../dist/actions/genesys/genesys-client.js'
import { SYSTEM_RETRY_CLOCK } from '../../dist/actions/genesys/retry-policy.js'
import { changeFilter } from '../../dist/actions/pipeline/change-filter.js'
import { pipelineOperations } from '../../dist/actions/pipeline/operations.js'
import { createPipeline } from '../../dist/actions/pipeline/pipeline.js'
import { resumeDeployments } from '../../dist/actions/pipeline/resume.js'
import { uuidV7 } from '../../dist/ledger/entry/uuid.js'
import { noteSigner } from '../../dist/ledger/note/note-signer.js'
import { deploymentJournal } from '../../dist/ledger/projections/deployments.js'
import { filterRecords } from '../../dist/ledger/projections/filter-records.js'
import { openLedger } from '../../dist/ledger/store/open-ledger.js'
import { MIGRATIONS } from '../../dist/migrations/migrations.js'

const { FILTER_LEDGER_CHECKPOINT_KEY, FILTER_LEDGER_ORIGIN } = process.env
const signer = noteSigner(FILTER_LEDGER_ORIGIN, readFileSync(FILTER_LEDGER_CHECKPOINT_KEY, 'utf8'))
const actor = { type: 'system' }
const now = () => new Date()
const say = (text) => process.stdout.write(`${text}\n`)

/** Runs what is handed in between two boundaries. */
const boundaries = (killAt) => {
  let passed = 0
  const pass = (name) => {
    passed++
    say(`at ${passed} ${name}`)
    if (passed === killAt) process.kill(process.pid, 'SIGKILL')
  }
  return async (name, work) => {
    pass(`before ${name}`)
    const result = await work()
    pass(`after ${name}`)
    return result
  }
}

const TASKS = {
  deploy: ({ pipeline }, { payload, onConflict, requestId }) =>
    pipeline.deploy({
      payload,
      actor,
      ...(onConflict && { onConflict }),
      ...(requestId && { requestId }),
    }),
  change: ({ operations }, { operation, name }) => operations.change({ operation, filter: name }, { actor }),
  apply: async ({ operations }, { payloads }) => {
    const specs = payloads.map((payload) => parseFilter(payload).value)
    const plan = await operations.plan({ specs, prune: true })
    return operations.apply(plan, { requester: { actor } })
  },
  put: ({ deps, pipeline }, { operation, filterId, filter }) =>
    changeFilter(deps, pipeline, { operation, actor, asked: { name: filter.name } }, () => ({
      kind: 'put',
      operation,
      filterId,
      filter,
    })),
  resume: ({ deps, pipeline }) => resumeDeployments(deps, pipeline),
}

const carryOut = async ({ file, genesys, settings, task, killAt }) => {
  const between = boundaries(killAt)
  const journal = deploymentJournal()
  const records = filterRecords()
  const entries = []
  const ledger = await openLedger({
    file,
    signer,
    migrations: MIGRATIONS,
    environment: 'test',
    now,
    projections: [(entry) => entries.push(entry), journal.apply, records.apply],
  })
  const fetchWhole = async (url, init) => {
    const response = await fetch(url, init)
    return new Response(response.status === 204 ? null : await response.arrayBuffer(), response)
  }
  const deps = {
    port: genesysClient({
      ...genesys,
      baseUrl: new URL(genesys.baseUrl),
      gateway: true,
      fetch: (url, init) => between(`${init.method} ${new URL(url).pathname}`, () => fetchWhole(url, init)),
      now,
    }),
    append: (submission) => between(submission.entry.type, () => ledger.append(submission)),
    journal,
    records,
    entryAt: (index) => entries[index],
    clock: SYSTEM_RETRY_CLOCK,
    newId: () => uuidV7(now()),
    settings,
  }
  const pipeline = createPipeline(deps)
  const operations = pipelineOperations(deps, pipeline, now)
  const outcome = await TASKS[task.kind]({ deps, pipeline, operations }, task)
  await ledger.close()
  say(`ended ${outcome.status ?? 'resumed'}`)
}

say('done')
for await (const order of createInterface({ input: process.stdin })) {
  await carryOut(JSON.parse(order)).catch((error) => say(`ended ${String(error)}`))
  say('done')
}
