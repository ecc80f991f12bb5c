import type { OutputFields } from '../contract/action-contract.ts'
import type { ChangeAnswer } from './under-way.ts'

/** What every action that changes filters answers, and Get Deployment. */
export const CHANGE_OUTPUT: OutputFields<ChangeAnswer> = {
  status: ['string', 'What became of it'],
  errorCode: ['string', 'Stable, for decisions in a flow; empty when all went well'],
  message: ['string', 'For people: what happened, and what to do'],
  deploymentId: ['string', 'What Get Deployment takes; empty when nothing was begun'],
  filterId: ['string', 'The filter, empty when there is none'],
  filterName: ['string', 'Its name: with onConflict version not always the one asked for'],
  priority: ['integer', 'Its priority; 0 when there is none'],
  webhookId: ['string', 'The webhook subscription that reports on it'],
  latencyMs: ['integer', 'How long it took, in milliseconds'],
  violations: ['texts', 'Each broken rule as `path: message`'],
  entryId: ['string', 'The entry of the ledger that records it; empty when there is none yet'],
  entryIndex: ['integer', 'The place of that entry in the ledger; -1 when there is none', -1],
  duplicate: ['boolean', 'True when this request was answered before and this is that answer'],
}

export const CHANGE_STATUSES = {
  registered: 'created or changed, subscribed, recorded',
  removed: 'deleted, recorded',
  unchanged: 'it was so already',
  accepted: 'it takes longer than a flow should wait: ask Get Deployment',
  rejected: '`errorCode` says why; `violations` lists every broken rule. Nothing was changed',
  conflict: 'a filter of that name or priority is there and differs',
  failed: 'Genesys Cloud refused or could not be reached; nothing was left behind',
  compensated: 'it failed half-way and was taken back',
  stranded: 'it failed half-way and could not be taken back: the entry says what is left',
} as const

/** The statuses that an action may answer: those given, and those that any change may come to. */
export function statusesOf(
  ...own: readonly (keyof typeof CHANGE_STATUSES)[]
): Readonly<Record<string, string>> {
  const any = ['accepted', 'rejected', 'failed', 'compensated', 'stranded'] as const
  return Object.fromEntries([...own, ...any].map((status) => [status, CHANGE_STATUSES[status]]))
}

/** What may go wrong between us and Genesys Cloud, with any change. */
export const GENESYS_REFUSALS = {
  genesys_invalid: 'Genesys Cloud refused the payload; the message names the field',
  genesys_unauthorized: 'the receiver\u2019s OAuth client is refused: tell the operator',
  genesys_forbidden:
    'the receiver\u2019s OAuth client lacks a scope, or this is the wrong region: tell the operator',
  genesys_not_found: 'this organization does not serve the filter API: tell the operator',
  genesys_conflict: 'Genesys Cloud reports a conflict; the message has its words',
  genesys_limit_exceeded: 'a limit of the organization is reached',
  genesys_rate_limited: 'the rate limit did not clear in time: ask again later, under the same requestId',
  genesys_server: 'Genesys Cloud failed: ask again later, under the same requestId',
  genesys_network: 'Genesys Cloud could not be reached: ask again later, under the same requestId',
  genesys_timeout: 'Genesys Cloud did not answer in time: ask again later, under the same requestId',
  genesys_unusable: 'Genesys Cloud answered something that cannot be used; the message says what',
} as const

export const REQUEST_REFUSALS = {
  input_invalid: '`violations` lists every input that is wrong; nothing was recorded',
  request_id_reused: 'this requestId was used before for another request: use a new one',
} as const

/** What may be wrong with a filter that is named. */
export const NAMED_FILTER_REFUSALS = {
  filter_unknown: 'there is no such filter',
  filter_ambiguous: 'several filters have the name: the message names their ids',
  filter_missing: 'the ledger has it as live, and it is not in the organization',
} as const
