import type { EntryDraft, EntryType, JsonObject, Receipt } from '../../../ledger/entry/entry.ts'
import type { Ledger } from '../../../ledger/store/open-ledger.ts'
import { draft, openTempLedger } from '../../support/temp-ledger.ts'

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
/** 26 November 2026, 0:00 UTC. */
export const TODAY = Date.UTC(2026, 10, 26)

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
 * Tells a ledger twenty days of nine filters: one breached with its alarm, one within, one undecided, one that only
 * flags, one that nobody reviewed, one without a tolerance, and hostile names; and how they were deployed.
 *
 * @param today its last day, milliseconds since 1970
 */
export async function tellPageStory(ledger: Ledger, today: number): Promise<void> {
  for (const story of STORIES) {
    await appendAll(ledger, [...creation(story, today - DAYS * DAY_MS), ...deployments(story)])
    await appendAll(ledger, evaluations(story, today))
    const decisions = decisionsOf(story, today)
    const receipts = await appendAll(ledger, decisions)
    const decided = decisions.map(({ data }, i) => ({ id: receipts[i]?.id ?? '', data }))
    await appendAll(ledger, reviews(story, decided))
  }
}

/** Opens a ledger of the story in a temporary folder. */
export async function openPageLedger(): Promise<Ledger> {
  const ledger = await openTempLedger()
  await tellPageStory(ledger, TODAY)
  return ledger
}

/** Together, in their order. */
function appendAll(ledger: Ledger, entries: readonly EntryDraft[]): Promise<readonly Receipt[]> {
  return Promise.all(entries.map((entry) => ledger.append({ entry })))
}

function creation({ id, name, tolerance }: Story, at: number): readonly EntryDraft[] {
  if (tolerance === undefined) return []
  const filter = { id, name, version: 1, config: { false_positive_tolerance: tolerance } }
  const occurredAt = new Date(at).toISOString()
  return [of({ id, name }, 'filter.created', { filter }, occurredAt)]
}

function deployments({ id, name }: Story): readonly EntryDraft[] {
  const latencyMs = 40 * (name.length + 1)
  const errorClass = name.length > 14 ? 'timeout' : 'server'
  return [
    of({ id, name }, 'deployment.registered', { latencyMs, waitedOn429Ms: 1500 }),
    of({ id, name }, 'deployment.failed', { errorClass }),
  ]
}

function evaluations({ evaluations: count, ...story }: Story, today: number): readonly EntryDraft[] {
  if (count === undefined) return []
  return days(today).flatMap((day) =>
    story.categories.map((category) => {
      const [from, to] = [new Date(day).toISOString(), new Date(day + DAY_MS).toISOString()]
      return of(story, 'evaluations.recorded', { ...about(story, category), from, to, evaluations: count })
    }),
  )
}

function decisionsOf(story: Story, today: number): readonly EntryDraft[] {
  const { categories, action: actionTaken = 'blocked', perDay } = story
  return days(today).flatMap((day, place) =>
    categories.flatMap((category) => {
      const data = {
        ...about(story, category),
        score: 0.95,
        threshold: 0.9,
        actionTaken,
        direction: 'output',
      }
      return Array.from({ length: perDay + (place % 3) }, (_, i) =>
        of(story, 'block.recorded', data, new Date(day + i * 1000).toISOString()),
      )
    }),
  )
}

function about({ id, name }: Story, category: string): JsonObject {
  return { filterId: id, filterName: name, filterVersion: 1, category }
}

function days(today: number): readonly number[] {
  return Array.from({ length: DAYS }, (_, i) => today + (i + 1 - DAYS) * DAY_MS)
}

function of(
  { id, name }: Pick<Story, 'id' | 'name'>,
  type: EntryType,
  data: JsonObject,
  occurredAt?: string,
): EntryDraft {
  const entity = { type: 'filter', id, name } as const
  return draft({ type, entity, action: type, data, ...(occurredAt !== undefined && { occurredAt }) })
}

interface Decided {
  readonly id: string
  readonly data: JsonObject
}

function reviews(
  { reviewedEach, wrongEach = Infinity }: Story,
  decided: readonly Decided[],
): readonly EntryDraft[] {
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
