import type { EntryDraft, JsonObject } from '../../../ledger/entry/entry.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { draft } from '../../support/temp-ledger.ts'

/** Names that break out of markup, turn the writing around, or are wider than any screen. */
export const HOSTILE_NAMES = [
  '</script></title><script>alert(1)</script><img src=http://x.example/y onerror=alert(1)>',
  '"><svg/onload=alert(1)> \' & \u202emirrored\u2066',
  'guard_'.repeat(60),
] as const

/** What a filter of the story did and how its reviews came out. */
interface Story {
  readonly id: string
  readonly name: string
  readonly tolerance?: number
  readonly categories: readonly string[]
  readonly action?: 'blocked' | 'redacted' | 'flagged'
  /** Decisions a day and category. */
  readonly perDay: number
  /** Every so manyth decision is reviewed; of these, every so manyth is wrong. */
  readonly reviewedEach?: number
  readonly wrongEach?: number
  readonly evaluations?: number
}

const DAYS = 20
const DAY_MS = 86_400_000

const STORIES: readonly Story[] = [
  {
    id: 'f-breached',
    name: 'toxicity-guard',
    tolerance: 0.05,
    categories: ['toxicity', 'hate'],
    perDay: 6,
    reviewedEach: 1,
    wrongEach: 4,
  },
  {
    id: 'f-within',
    name: 'personal-data',
    tolerance: 0.1,
    categories: ['pii'],
    action: 'redacted',
    perDay: 8,
    reviewedEach: 1,
    evaluations: 4000,
  },
  {
    id: 'f-undecided',
    name: 'self-harm-watch',
    tolerance: 0.08,
    categories: ['self_harm'],
    perDay: 3,
    reviewedEach: 2,
    wrongEach: 12,
  },
  {
    id: 'f-shadow',
    name: 'jailbreak-shadow',
    tolerance: 0.1,
    categories: ['jailbreak'],
    action: 'flagged',
    perDay: 4,
    reviewedEach: 4,
    wrongEach: 7,
  },
  { id: 'f-silent', name: 'never-reviewed', tolerance: 0.1, categories: ['violence'], perDay: 2 },
  {
    id: 'f-unknown',
    name: 'from-elsewhere',
    categories: ['profanity'],
    perDay: 1,
    reviewedEach: 2,
    wrongEach: 3,
  },
  ...HOSTILE_NAMES.map((name, i) => ({
    id: `f-hostile-${i}`,
    name,
    tolerance: 0.1,
    categories: [name],
    perDay: 1,
    reviewedEach: 3,
    wrongEach: 2,
  })),
]

/**
 * Tells a ledger twenty days of nine filters, up to a day: one breached with its alarm, one within, one undecided, one
 * that only flags, one that nobody reviewed, one without a tolerance, and hostile names; and how they were deployed.
 *
 * @param today its last day, milliseconds since 1970
 */
export async function tellPageStory(ledger: Ledger, today: number): Promise<void> {
  for (const story of STORIES) {
    if (story.tolerance !== undefined) await append(ledger, created(story, today - DAYS * DAY_MS))
    await tellDeployments(ledger, story)
    const decided = await decisions(ledger, story, today)
    for (const review of reviews(story, decided)) await append(ledger, review)
  }
}

async function append(ledger: Ledger, entry: EntryDraft) {
  return ledger.append({ entry })
}

function created({ id, name, tolerance }: Story, at: number): EntryDraft {
  const filter = { id, name, version: 1, config: { false_positive_tolerance: tolerance } } as JsonObject
  return draft({
    type: 'filter.created',
    occurredAt: new Date(at).toISOString(),
    entity: { type: 'filter', id, name },
    action: 'create',
    data: { filter },
  })
}

async function tellDeployments(ledger: Ledger, { id, name }: Story): Promise<void> {
  const entity = { type: 'filter', id, name } as const
  const latencyMs = 40 * (name.length + 1)
  const ended = [
    draft({
      type: 'deployment.registered',
      entity,
      action: 'deploy',
      data: { latencyMs, waitedOn429Ms: 1500 },
    }),
    draft({
      type: 'deployment.failed',
      entity,
      action: 'deploy',
      data: { errorClass: name.length > 14 ? 'timeout' : 'server' },
    }),
  ]
  for (const entry of ended) await append(ledger, entry)
}

interface Decided {
  readonly id: string
  readonly data: JsonObject
}

async function decisions(ledger: Ledger, story: Story, today: number): Promise<readonly Decided[]> {
  const { id, name, categories, action = 'blocked', perDay, evaluations } = story
  const decided: Decided[] = []
  for (let day = 1 - DAYS; day <= 0; day++)
    for (const category of categories) {
      const from = today + day * DAY_MS
      const about = { filterId: id, filterName: name, filterVersion: 1, category }
      const entity = { type: 'filter', id, name } as const
      if (evaluations !== undefined) {
        const [start, end] = [new Date(from).toISOString(), new Date(from + DAY_MS).toISOString()]
        await append(
          ledger,
          draft({
            type: 'evaluations.recorded',
            entity,
            action: 'record',
            data: { ...about, from: start, to: end, evaluations },
          }),
        )
      }
      for (let i = 0; i < perDay + (Math.abs(day) % 3); i++) {
        const data = { ...about, score: 0.95, threshold: 0.9, actionTaken: action, direction: 'output' }
        const occurredAt = new Date(from + i * 1000).toISOString()
        const receipt = await append(
          ledger,
          draft({ type: 'block.recorded', occurredAt, entity, action: 'record-block', data }),
        )
        decided.push({ id: receipt.id, data })
      }
    }
  return decided
}

function reviews({ reviewedEach, wrongEach = Infinity }: Story, decided: readonly Decided[]) {
  if (reviewedEach === undefined) return []
  return decided
    .filter((_, i) => i % reviewedEach === 0)
    .map(({ id, data }, i) =>
      draft({
        type: 'block.reviewed',
        entity: { type: 'block', id },
        action: 'review',
        data: {
          ...data,
          blockId: id,
          reviewerId: 'r-1',
          verdict: i % wrongEach === wrongEach - 1 ? 'false_positive' : 'true_positive',
        },
      }),
    )
}
