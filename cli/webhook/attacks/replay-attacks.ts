import { sampleBody, signDelivery } from '../sender.ts'
import type { Header, Sender } from '../sender.ts'
import { ACCEPTED, ALL_SCHEMES, genuine, INVALID, post, withHeader } from './attack.ts'
import type { Attack, AttackStep, ExpectedAnswer } from './attack.ts'

const CONFLICT: ExpectedAnswer = { status: 409, problem: 'event-conflict' }

/** What somebody can do who holds a genuine delivery. Each stores one event: its first request is genuine. */
export const REPLAY_ATTACKS: readonly Attack[] = [
  {
    name: 'replay',
    schemes: ALL_SCHEMES,
    description: 'the same delivery three times: accepted as before, stored once',
    expect: ACCEPTED,
    stores: 1,
    steps: (sender) => {
      const request = post(sender, genuine(sender))
      return [{ request }, { request }, { request }]
    },
  },
  {
    name: 'replay-signed-anew',
    schemes: ALL_SCHEMES,
    description: 'the same event in a delivery of its own, as in a retry: accepted as before, stored once',
    expect: ACCEPTED,
    stores: 1,
    steps: (sender) => {
      const body = sampleBody(sender)
      return [
        { request: post(sender, genuine(sender, body)) },
        { request: post(sender, genuine(sender, body)) },
      ]
    },
  },
  {
    name: 'replay-with-other-unsigned-headers',
    schemes: ALL_SCHEMES,
    description: 'the same delivery with other values in headers that no signature covers: stored once',
    expect: ACCEPTED,
    stores: 1,
    steps: (sender) => {
      const { body, headers } = genuine(sender)
      return [1, 2].map((attempt) => ({
        request: post(sender, { body, headers: [...unsigned(sender, attempt), ...headers] }),
      }))
    },
  },
  {
    name: 'same-id-other-body',
    schemes: ALL_SCHEMES,
    description: 'two genuine deliveries of one id, with bodies that differ',
    expect: CONFLICT,
    stores: 1,
    steps: (sender) => {
      const first = sampleBody(sender)
      const second = Buffer.from(first.toString('utf8').replace('{', '{"note":"other",'))
      return [
        { request: post(sender, genuine(sender, first)), expect: ACCEPTED },
        { request: post(sender, genuine(sender, second)) },
      ]
    },
  },
  {
    name: 'replay-with-other-id',
    schemes: ['standard-webhooks'],
    description: 'a genuine delivery again, under another webhook-id',
    expect: INVALID,
    stores: 1,
    steps: (sender) => replayChanged(sender, 'webhook-id', sender.newId()),
  },
  {
    name: 'replay-with-other-timestamp',
    schemes: ['standard-webhooks'],
    description: 'a genuine delivery again, with a later webhook-timestamp',
    expect: INVALID,
    stores: 1,
    steps: (sender) =>
      replayChanged(sender, 'webhook-timestamp', String(Math.floor(sender.now().getTime() / 1000) + 1)),
  },
]

function replayChanged(sender: Sender, name: string, value: string): readonly AttackStep[] {
  const body = sampleBody(sender)
  const headers = signDelivery(sender, body)
  return [
    { request: post(sender, { body, headers }), expect: ACCEPTED },
    { request: post(sender, { body, headers: withHeader(headers, name, value) }) },
  ]
}

function unsigned(sender: Sender, attempt: number): readonly Header[] {
  return [
    ['x-genesys-delivery-attempt', String(attempt)],
    ['x-github-delivery', sender.newId()],
    ['x-request-id', sender.newId()],
    ['user-agent', `attempt-${attempt}`],
  ]
}
