import { randomUUID } from 'node:crypto'
import type { EntryDraft } from '../../ledger/entry/entry.ts'

const CATEGORIES = ['hate_speech', 'violence', 'self_harm', 'sexual', 'political', 'pii', 'phishing']
const CHANNELS = ['webmessaging', 'voice', 'email']

/** An organization has at most 50 enabled filters. */
const FILTER_IDS = Array.from({ length: 20 }, () => randomUUID())

/** Blocks as flows record them: about 780 canonical bytes, ids and references as random as real ones. */
export function sampleDrafts(count: number): readonly EntryDraft[] {
  return Array.from({ length: count }, (_, i) => draft(i))
}

function draft(i: number): EntryDraft {
  const filterId = FILTER_IDS[i % FILTER_IDS.length] ?? ''
  return {
    type: 'block.recorded',
    organizationId: '0d7bb4f0-4b50-4b3c-9a39-2bd0b9d9c8f1',
    actor: { type: 'client', id: '9b2d8c0e-8f6e-4a0b-9d8e-1f0c2f3f4a5b', name: 'architect-production' },
    entity: { type: 'filter', id: filterId, name: 'production-toxicity-guard' },
    action: 'block',
    status: 'SUCCESS',
    correlationId: randomUUID(),
    data: {
      filterId,
      category: CATEGORIES[i % CATEGORIES.length],
      channel: CHANNELS[i % CHANNELS.length],
      score: 0.8 + (i % 20) / 100,
      threshold: 0.8,
      actionTaken: 'blocked',
      direction: i % 2 === 0 ? 'input' : 'output',
      conversationRef: randomUUID() + randomUUID(),
      queueId: randomUUID(),
      language: 'en-US',
    },
  }
}
