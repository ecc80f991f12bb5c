import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACTION_CONTRACTS } from '../../../actions/data-actions/contracts.ts'
import type { BundleAuth, JsonMembers } from '../../../bundle/definition/data-action.ts'
import { runAction } from '../../../bundle/run/run-action.ts'
import type { RunReport } from '../../../bundle/run/run-report.ts'
import { sendRequest } from '../../../cli/action-run/send-request.ts'
import { manifest, ourBundle } from '../../bundle/build/sources.ts'
import { call } from '../../receiver/http-caller.ts'
import type { Answer } from '../../receiver/http-caller.ts'
import { runCli, serveCli } from '../run-cli.ts'
import type { Served } from '../run-cli.ts'

/** Calls an action as no contract would let the platform do it. */
function post(server: Served, action: string, token: string, body: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return call(`${server.url}/actions/${action}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Our actions as the platform runs them: built, rendered, sent to a receiver that is served, mapped, flattened. */
describe('our data actions, run without an organization', () => {
  let cwd: string
  let server: Served
  let token: string
  let client: { readonly clientId: string; readonly clientSecret: string }

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-actions-'))
    server = await serveCli({ cwd })
    token = (await runCli(['token', 'issue', '--scope', 'all'], { cwd })).out.trim()
    const added = await runCli(['client', 'add', 'flows', '--scope', 'actions', '--json'], { cwd })
    client = JSON.parse(added.out) as typeof client
  }, 60_000)
  afterAll(async () => {
    await server.end('SIGTERM')
    rmSync(cwd, { recursive: true, force: true })
  })

  const credentials = (auth: BundleAuth) =>
    auth === 'oauth' ? { ...client } : auth === 'bearer' ? { token } : { apiKey: token }

  function run(name: string, input: JsonMembers, auth: BundleAuth = 'bearer'): Promise<RunReport> {
    const { actions, authAction } = ourBundle(auth, server.url)
    const action = actions.find((each) => each.name === name)
    if (!action) throw new TypeError(`there is no action ${name}`)
    const request = { action, authAction, input, credentials: credentials(auth), apiUrl: undefined }
    const callerHeaders = { 'inin-correlation-id': 'corr-1', 'inin-organization-id': 'org-1' }
    return runAction(
      { ...request, correlationId: 'corr-1' },
      {
        send: (outgoing) =>
          sendRequest(outgoing, { fetch: globalThis.fetch, timeoutMs: 10_000, callerHeaders }),
      },
    )
  }

  async function outputs(name: string, input: JsonMembers, auth?: BundleAuth) {
    const report = await run(name, input, auth)
    if (report.path !== 'success') throw new Error(`${report.path}: ${JSON.stringify(report.steps.at(-1))}`)
    expect(report.undeclared).toEqual([])
    // Every output is always there.
    expect(Object.entries(report.outputs).filter(([, value]) => value === null)).toEqual([])
    return report.outputs
  }

  const filter = (name: string) => ({
    name,
    contentCategories: 'pii,phishing',
    blockAction: 'redact_and_log',
    thresholds: 'pii_confidence=0.92,phishing=0.8',
    falsePositiveTolerance: 0.03,
  })
  const block = (filterId: string, more: JsonMembers = {}): JsonMembers => ({
    filterId,
    category: 'pii',
    score: 0.97,
    threshold: 0.92,
    actionTaken: 'blocked',
    direction: 'output',
    ...more,
  })

  test('a filter goes through all of them', async () => {
    const deployed = await outputs('Deploy Safety Filter', { ...filter('whole-life'), requestId: 'r-1' })
    expect(deployed).toMatchObject({ status: 'registered', duplicate: false, errorCode: '' })
    const again = await outputs('Deploy Safety Filter', { ...filter('whole-life'), requestId: 'r-1' })
    expect(again).toMatchObject({ status: 'registered', duplicate: true, entryId: deployed['entryId'] })
    const { deploymentId } = deployed
    const filterId = deployed['filterId'] as string
    expect(await outputs('Get Deployment', { deploymentId: deploymentId ?? '' })).toMatchObject({
      status: 'registered',
      filterName: 'whole-life',
    })
    expect(await outputs('Get Filter', { filter: 'whole-life' })).toMatchObject({
      filterId,
      state: 'enabled',
    })
    const recorded = await outputs('Record Filter Block', block(filterId, { requestId: 'b-1' }))
    expect(await outputs('Record Filter Block', block(filterId, { requestId: 'b-1' }))).toMatchObject({
      entryId: recorded['entryId'],
      duplicate: true,
    })
    expect(recorded).toMatchObject({ status: 'recorded', warning: '' })
    const hour = { from: '2026-01-31T12:00:00Z', to: '2026-01-31T13:00:00Z' }
    const count = { filterId, category: 'pii', ...hour, evaluations: 1250, requestId: 'e-1' }
    expect(await outputs('Record Filter Evaluations', count)).toMatchObject({
      status: 'recorded',
      warning: '',
    })
    const verdict = { blockId: recorded['entryId'] ?? '', verdict: 'false_positive', reviewerId: 'r-7' }
    expect(await outputs('Report Block Verdict', verdict)).toMatchObject({ status: 'recorded' })
    expect(await outputs('Get Filter Metrics', { filter: filterId })).toMatchObject({
      totalBlocks: 1,
      falsePositives: 1,
      tolerance: 0.03,
    })
    expect(await outputs('Set Filter State', { filter: filterId, state: 'disabled' })).toMatchObject({
      status: 'registered',
    })
    expect(await outputs('Roll Back Safety Filter', { filter: filterId, revision: 1 })).toMatchObject({
      status: 'registered',
    })
    const event = { eventId: 'e-1', eventType: 'updated', filterId, version: 9 }
    expect(await outputs('Record Filter Event', event)).toMatchObject({ status: 'recorded' })
    expect(await outputs('Remove Safety Filter', { filter: 'whole-life' })).toMatchObject({
      status: 'removed',
    })
    expect(await outputs('Get Filter', { filter: 'whole-life' })).toMatchObject({ state: 'deleted' })
    const late = block(filterId, { requestId: 'b-2' })
    expect(await outputs('Record Filter Block', late)).toMatchObject({
      status: 'recorded',
      warning: 'filter_deleted',
    })
  })

  test.each(['oauth', 'bearer', 'api-key'] as const)('%s lets them in', async (auth) => {
    expect(await outputs('Get Filter', { filter: 'absent' }, auth)).toMatchObject({
      status: 'unknown',
      errorCode: 'filter_unknown',
    })
  })

  test('what the platform says of the caller stands in the entry', async () => {
    const { entryIndex } = await outputs('Record Filter Block', block('f-caller'))
    const entry = await call(`${server.url}/ledger/entries/${JSON.stringify(entryIndex)}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(entry.json).toMatchObject({
      entry: { correlationId: 'corr-1', organizationId: 'org-1', data: { filterId: 'f-caller' } },
    })
  })

  const LONG = 'x'.repeat(100_000)
  const ODD = 'a\u0000b\u001b[2J\t"\\\n😀é'

  test.each<[string, string, JsonMembers, string, RegExp]>([
    [
      'a name that no input has',
      'Get Filter',
      { filter: 'f', filtr: 'x' },
      'input_invalid',
      /filtr: there is no such field/,
    ],
    [
      'a nested value',
      'Get Filter',
      { filter: 'f', more: { a: [1] } },
      'input_invalid',
      /more: there is no such field/,
    ],
    ['100 kB of text', 'Get Filter', { filter: LONG }, 'input_invalid', /filter: the name or the id/],
    [
      '100 kB of conversation',
      'Record Filter Block',
      block('f', { conversationId: LONG }),
      'input_invalid',
      /conversationId: at most 128/,
    ],
    [
      'an empty text where one is needed',
      'Get Filter',
      { filter: '' },
      'input_invalid',
      /filter: a text is expected/,
    ],
    [
      'NOT_SET where one is needed',
      'Remove Safety Filter',
      { filter: 'NOT_SET' },
      'input_invalid',
      /filter: a text is expected/,
    ],
    [
      'control characters in a name',
      'Deploy Safety Filter',
      filter(ODD),
      'payload_invalid',
      /name: must not hold control characters/,
    ],
    [
      'a choice that is none',
      'Set Filter State',
      { filter: 'f', state: 'off' },
      'input_invalid',
      /state: must be one of enabled/,
    ],
    [
      'a score beyond 1',
      'Record Filter Block',
      block('f', { score: 1.5 }),
      'input_invalid',
      /score: must be at most 1/,
    ],
    [
      'a verdict on nothing',
      'Report Block Verdict',
      { blockId: '019b3e7c-52c7-7d1e-8f2a-3b4c5d6e7f80', verdict: 'unclear', reviewerId: 'r' },
      'unknown_block',
      /no decision has this id/,
    ],
    [
      'a revision of nothing',
      'Roll Back Safety Filter',
      { filter: 'absent', revision: 1 },
      'filter_unknown',
      /absent/,
    ],
  ])('%s is refused by name, with the success path', async (_, name, input, errorCode, words) => {
    const answer = await outputs(name, input)
    expect(answer['errorCode']).toBe(errorCode)
    expect(JSON.stringify([answer['message'], answer['violations']])).toMatch(words)
  })

  test('odd texts arrive as they were, and unset inputs as nothing', async () => {
    const unset = { requestId: 'NOT_SET', ticketRef: '', onBehalfOf: null }
    const input = {
      ...filter('odd-texts-😀é'),
      description: '"\\ ${input.name} #if $!x 😀',
      reason: 'a "reason"\\',
    }
    expect(await outputs('Deploy Safety Filter', input)).toMatchObject({ status: 'registered' })
    expect(await outputs('Get Filter', { filter: 'odd-texts-😀é' })).toMatchObject({
      description: input.description,
    })
    // What the contract calls a text the platform sends as one, and null for none it does not: hence by hand.
    const answer = await post(server, 'get-filter', token, { filter: 'odd-texts-😀é' })
    expect(answer.status).toBe(200)
    const state = await post(server, 'set-filter-state', token, {
      filter: 'odd-texts-😀é',
      state: 'disabled',
      ...unset,
    })
    expect(state.json).toMatchObject({ status: 'registered' })
  })

  test('a number that comes as a text is refused by name', async () => {
    const answer = await post(server, 'record-block', token, {
      ...block('f'),
      score: '0.97',
      filterVersion: '1',
    })
    expect(answer).toMatchObject({ status: 200, json: { status: 'rejected', errorCode: 'input_invalid' } })
    expect(JSON.stringify(answer.json)).toMatch(
      /score: a number from 0 to 1[^]*filterVersion|filterVersion[^]*score/,
    )
  })

  test.each(manifest.actions.map(({ name }) => name))(
    '%s takes a batch where its contract says so',
    async (name) => {
      const answer = await call(`${server.url}/actions/${name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '[{}]',
      })
      const one = { line: 1, status: 'rejected', errorCode: 'input_invalid' }
      const taken = { status: 200, json: { status: 'rejected', rejected: 1, results: [one] } }
      const takesMany = ACTION_CONTRACTS[name]?.takesMany === true
      expect(answer).toMatchObject(takesMany ? taken : { status: 400, json: { code: 'request.malformed' } })
    },
  )

  test('are described at /openapi.json as they are built', async () => {
    const { status, json } = await call(`${server.url}/openapi.json`)
    expect(status).toBe(200)
    const names = Object.keys((json as { paths: object }).paths)
    expect(names).toEqual(expect.arrayContaining(['/actions/get-filter', '/oauth/token']))
  })
})

describe('a receiver that is told not to wait', () => {
  test('accepts a deployment, and a stop waits until it is recorded', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'filter-ledger-accepted-'))
    const env = { FILTER_LEDGER_ANSWER_WITHIN_MS: '0' }
    try {
      const server = await serveCli({ cwd, env })
      const token = (await runCli(['token', 'issue', '--scope', 'all'], { cwd })).out.trim()
      const body = {
        name: 'accepted-guard',
        contentCategories: 'pii',
        blockAction: 'block_and_log',
        thresholds: 'pii=0.9',
        falsePositiveTolerance: 0.1,
      }
      const answer = await post(server, 'deploy-filter', token, body)
      expect(answer.json).toMatchObject({
        status: 'accepted',
        deploymentId: expect.any(String),
        entryIndex: -1,
      })
      expect(await server.end('SIGTERM')).toBe(0)
      const next = await serveCli({ cwd, env })
      const { deploymentId } = answer.json as { deploymentId: string }
      const asked = await post(next, 'get-deployment', token, { deploymentId })
      expect(asked.json).toMatchObject({ status: 'registered', filterName: 'accepted-guard' })
      await next.end('SIGTERM')
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  }, 60_000)
})
