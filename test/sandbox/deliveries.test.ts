import { SIGNATURE_ALGORITHMS } from '../../sandbox/signer.ts'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import type { Sandbox } from '../../sandbox/start-sandbox.ts'
import type { SandboxOptions } from '../../sandbox/settings.ts'
import { startReceiver, verifyWithJwks } from './delivery-receiver.ts'
import type { DeliveryReceiver, ReceivedDelivery, ReceiverAnswer } from './delivery-receiver.ts'
import {
  call,
  filterPayload,
  FILTERS,
  login,
  member,
  SUBSCRIPTIONS,
  subscriptionPayload,
  textMember,
} from './sandbox-caller.ts'

function bodyOf(delivery: ReceivedDelivery | undefined): unknown {
  const parsed: unknown = JSON.parse(delivery?.body.toString('utf8') ?? 'null')
  return parsed
}

describe('deliveries', () => {
  let sandbox: Sandbox
  let receiver: DeliveryReceiver
  let token: string

  async function start(
    options: SandboxOptions = {},
    answer?: (count: number) => ReceiverAnswer,
  ): Promise<void> {
    receiver = await startReceiver(answer)
    sandbox = await startSandbox({ delivery: { waitMs: 5, retries: 5 }, ...options })
    token = await login(sandbox)
  }

  async function subscribe(changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const body = subscriptionPayload(receiver.url, changes)
    const created = await call(sandbox, 'POST', SUBSCRIPTIONS, { token, body })
    expect(created.status).toBe(201)
    return textMember(created.body, 'selfUri')
  }

  async function createFilter(name: string): Promise<unknown> {
    const created = await call(sandbox, 'POST', FILTERS, { token, body: filterPayload(name) })
    expect(created.status).toBe(201)
    return created.body
  }

  afterEach(async () => {
    await sandbox.close()
    await receiver.close()
  })

  test('create, update and delete arrive in order, signed, in the envelope of the contract', async () => {
    await start({ clients: [{ name: 'Pipeline' }] })
    await subscribe()
    const created = await createFilter('guard')
    const path = textMember(created, 'selfUri')
    const updated = await call(sandbox, 'PUT', path, {
      token,
      body: filterPayload('guard', { enabled: false }),
    })
    const deleted = await call(sandbox, 'DELETE', path, { token })
    await sandbox.idle()

    const [first, second, third] = receiver.received.map(bodyOf)
    expect(first).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      event_type: 'ai:llm-gateway:filter:created',
      api_version: 'v2',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      organization_id: sandbox.organizationId,
      correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      actor: { type: 'client', id: sandbox.clientId, name: 'Pipeline' },
      filter: created,
    })
    expect(second).toMatchObject({
      event_type: 'ai:llm-gateway:filter:updated',
      filter: updated.body,
      previous: created,
    })
    expect(third).toMatchObject({ event_type: 'ai:llm-gateway:filter:deleted', filter: updated.body })
    expect(member(third, 'correlation_id')).toBe(deleted.headers.get('inin-correlation-id'))
    expect(third).not.toHaveProperty('previous')
    for (const delivery of receiver.received) {
      expect(delivery.headers).toMatchObject({
        'content-type': 'application/json',
        'x-genesys-delivery-attempt': '1',
        'user-agent': expect.stringContaining('sandbox'),
      })
      await verifyWithJwks(delivery, sandbox.jwksUrl)
    }
  })

  test.each(SIGNATURE_ALGORITHMS)(
    'a delivery signed with %s verifies with the published keys alone',
    async (alg) => {
      await start({ alg, now: () => new Date('2026-01-31T12:00:00.900Z') })
      await subscribe()
      await createFilter('guard')
      await sandbox.idle()
      const [delivery] = receiver.received
      if (delivery === undefined) throw new Error('nothing arrived')
      const header = await verifyWithJwks(delivery, sandbox.jwksUrl)
      expect(header).toEqual({ alg, kid: expect.stringMatching(/^[\w-]{43}$/), iat: 1_769_860_800 })
      const forged = { ...delivery, body: Buffer.concat([delivery.body, Buffer.from(' ')]) }
      await expect(verifyWithJwks(forged, sandbox.jwksUrl)).rejects.toMatchObject({
        code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
      })
    },
  )

  test('the published keys hold no private member', async () => {
    await start()
    const { body } = await call(sandbox, 'GET', '/.well-known/jwks.json')
    expect(body).toMatchObject({ keys: [{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' }] })
    expect(JSON.stringify(body)).not.toMatch(/"d":/)
  })

  test('after a rotation new deliveries carry the new key, and old ones still verify', async () => {
    await start()
    await subscribe()
    await createFilter('before')
    await sandbox.idle()
    const kid = await sandbox.rotateKey('EdDSA')
    await createFilter('after')
    await sandbox.idle()
    const headers = await Promise.all(receiver.received.map((one) => verifyWithJwks(one, sandbox.jwksUrl)))
    expect(headers).toMatchObject([{ alg: 'ES256' }, { alg: 'EdDSA', kid }])
  })

  test.each([429, 500, 503])(
    'an answer of %i is tried again with the same body and a new signature',
    async (status) => {
      let seconds = 1_769_860_800
      await start({ now: () => new Date((seconds += 1) * 1000) }, (count) => (count < 3 ? status : 202))
      await subscribe()
      await createFilter('guard')
      await sandbox.idle()
      const attempts = receiver.received
      expect(attempts.map(({ headers }) => headers['x-genesys-delivery-attempt'])).toEqual(['1', '2', '3'])
      expect(new Set(attempts.map(({ body }) => body.toString('utf8'))).size).toBe(1)
      const protectedHeaders = await Promise.all(attempts.map((one) => verifyWithJwks(one, sandbox.jwksUrl)))
      expect(new Set(protectedHeaders.map((header) => header['iat'])).size).toBe(3)
      expect(sandbox.deliveries()).toMatchObject([
        { state: 'delivered', attempts: [{ status }, { status }, { status: 202 }] },
      ])
    },
  )

  test.each([400, 401, 404, 409, 307])('an answer of %i is final', async (status) => {
    await start({}, () => status)
    await subscribe()
    await createFilter('guard')
    await sandbox.idle()
    expect(receiver.received).toHaveLength(1)
    expect(sandbox.deliveries()).toMatchObject([{ state: 'failed', attempts: [{ attempt: 1, status }] }])
  })

  test('a receiver that stays down is given up after the retries, and the next event is still sent', async () => {
    await start({ delivery: { waitMs: 1, retries: 2 } }, (count) => (count <= 3 ? 503 : 202))
    await subscribe()
    await createFilter('lost')
    await createFilter('kept')
    await sandbox.idle()
    expect(sandbox.deliveries()).toMatchObject([
      { state: 'failed', attempts: [{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }] },
      { state: 'delivered', attempts: [{ attempt: 1 }] },
    ])
  })

  test('a receiver that does not answer in time is tried again', async () => {
    await start({ delivery: { timeoutMs: 200, waitMs: 1 } }, (count) => (count === 1 ? 'hang' : 202))
    await subscribe()
    await createFilter('guard')
    await sandbox.idle()
    expect(sandbox.deliveries()).toMatchObject([
      { state: 'delivered', attempts: [{ error: 'timeout' }, { status: 202 }] },
    ])
  })

  test('a receiver that cannot be reached is a network fault and is tried again', async () => {
    await start({ delivery: { retries: 1, waitMs: 1 } })
    await subscribe()
    await receiver.close()
    await createFilter('guard')
    await sandbox.idle()
    expect(sandbox.deliveries()).toMatchObject([
      { state: 'failed', attempts: [{ error: 'network' }, { error: 'network' }] },
    ])
    receiver = await startReceiver()
  })

  test('order is kept while an earlier event is being retried', async () => {
    await start({}, (count) => (count === 1 ? 500 : 202))
    await subscribe()
    const names = ['one', 'two', 'three', 'four']
    for (const name of names) await createFilter(name)
    await sandbox.idle()
    const arrived = receiver.received.map((one) => member(member(bodyOf(one), 'filter'), 'name'))
    expect(arrived).toEqual(['one', ...names])
  })

  test('only enabled subscriptions for that event and that filter hear of it', async () => {
    await start({ maxEnabledFilters: 10 })
    const mine = textMember(await createFilter('mine'), 'id')
    await subscribe({ name: 'disabled', enabled: false })
    await subscribe({ name: 'deletions', event_types: ['ai:llm-gateway:filter:deleted'] })
    const perFilter = await subscribe({ name: 'per-filter', filter_id: mine })
    const removed = await subscribe({ name: 'removed' })
    await call(sandbox, 'DELETE', removed, { token })
    await createFilter('other')
    await sandbox.idle()
    expect(receiver.received).toHaveLength(0)
    await call(sandbox, 'PUT', `${FILTERS}/${mine}`, { token, body: filterPayload('mine') })
    await sandbox.idle()
    expect(sandbox.deliveries().map(({ subscriptionId }) => subscriptionId)).toEqual([
      perFilter.split('/').at(-1),
    ])
  })

  test('two subscriptions get the same event id and the same bytes', async () => {
    await start()
    await subscribe({ name: 'first' })
    await subscribe({ name: 'second' })
    await createFilter('guard')
    await sandbox.idle()
    const [first, second] = receiver.received
    expect(receiver.received).toHaveLength(2)
    expect(first?.body.equals(second?.body ?? Buffer.alloc(0))).toBe(true)
  })

  test('a refused change sends nothing', async () => {
    await start()
    await subscribe()
    await call(sandbox, 'POST', FILTERS, { token, body: filterPayload('guard', { priority: 0 }) })
    await call(sandbox, 'DELETE', `${FILTERS}/unknown`, { token })
    await sandbox.idle()
    expect(sandbox.deliveries()).toEqual([])
  })

  test('the delivery log is bounded and readable over HTTP', async () => {
    await start({ delivery: { logSize: 2 } })
    await subscribe()
    for (const name of ['one', 'two', 'three']) await createFilter(name)
    await sandbox.idle()
    expect(sandbox.deliveries()).toHaveLength(2)
    const { body } = await call(sandbox, 'GET', '/sandbox/deliveries')
    expect(body).toMatchObject({ total: 2, entities: sandbox.deliveries() })
  })

  test('signDelivery signs as a delivery is signed, with the overrides a test asks for', async () => {
    await start()
    const payload = Buffer.from('{"id":"1"}')
    const jws = await sandbox.signDelivery(payload, { iat: 1000 })
    const header = await verifyWithJwks(
      { headers: { 'x-genesys-signature': jws }, body: payload },
      sandbox.jwksUrl,
    )
    expect(header).toMatchObject({ alg: 'ES256', iat: 1000 })
    const [encoded = ''] = (await sandbox.signDelivery(payload, { kid: 'unknown' })).split('.')
    expect(JSON.parse(Buffer.from(encoded, 'base64url').toString())).toMatchObject({ kid: 'unknown' })
  })
})
