/** Events to send: the three of a filter, one of a type that nobody knows, and an audit event by EventBridge. */
export const SAMPLE_KINDS = ['created', 'updated', 'deleted', 'unknown', 'eventbridge'] as const
export type SampleKind = (typeof SAMPLE_KINDS)[number]

export interface SampleOrigin {
  readonly now: Date
  /** Makes a UUID. */
  readonly newId: () => string
}

/** An event as its sender would write it, with an id and a time of its own. */
export function sampleEvent(kind: SampleKind, origin: SampleOrigin): Readonly<Record<string, unknown>> {
  return kind === 'eventbridge' ? auditEvent(origin) : filterEvent(kind, origin)
}

const ORGANIZATION_ID = '5f1c0c1e-2f0b-4a55-9d0e-0a7d6a7c3b10'
const FILTER_ID = '9b1d3f0a-6a3c-4c1e-8f59-1f2f0a9e7d42'

function filterEvent(kind: Exclude<SampleKind, 'eventbridge'>, { now, newId }: SampleOrigin) {
  const isUpdate = kind === 'updated'
  return {
    id: newId(),
    event_type: `ai:llm-gateway:filter:${kind === 'unknown' ? 'moved' : kind}`,
    api_version: 'v2',
    timestamp: now.toISOString(),
    organization_id: ORGANIZATION_ID,
    correlation_id: newId(),
    actor: { type: 'client', id: '2c6f9f0e-53c8-4a3e-a7a0-5d4a3a1b8c77', name: 'filter-ledger webhook send' },
    filter: sampleFilter(isUpdate ? 2 : 1, isUpdate ? 0.85 : 0.8),
    ...(isUpdate && { previous: sampleFilter(1, 0.8) }),
  }
}

function sampleFilter(version: number, toxicity: number) {
  return {
    id: FILTER_ID,
    name: 'sample-toxicity-guard',
    description: 'A sample: no filter of this name was changed',
    filter_type: 'safety',
    enabled: true,
    priority: 10,
    config: {
      content_categories: ['hate_speech', 'violence'],
      block_action: 'block_and_log',
      thresholds: { toxicity },
      false_positive_tolerance: 0.03,
    },
    version,
  }
}

/** The envelope of Amazon EventBridge around an audit event of Genesys Cloud. AWS writes times in whole seconds. */
function auditEvent({ now, newId }: SampleOrigin) {
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    version: '0',
    id: newId(),
    'detail-type': 'v2.audits.entitytype.{id}.entityid.{id}',
    source: `aws.partner/genesys.com/cloud/${ORGANIZATION_ID}/filter-ledger`,
    account: '123456789012',
    time,
    region: 'us-east-1',
    resources: [],
    detail: {
      topicName: `v2.audits.entitytype.SAFETYFILTER.entityid.${FILTER_ID}`,
      version: '2',
      eventBody: auditBody(now, newId()),
      metadata: { CorrelationId: newId() },
      timestamp: now.toISOString(),
    },
  }
}

function auditBody(now: Date, id: string) {
  return {
    id,
    userId: 'c2f0b1de-1d41-4f7e-9b9b-0f6f2f0f2a55',
    userHomeOrgId: ORGANIZATION_ID,
    username: { id: 'c2f0b1de-1d41-4f7e-9b9b-0f6f2f0f2a55' },
    userDisplay: 'Ada Lovelace',
    clientId: { id: '2c6f9f0e-53c8-4a3e-a7a0-5d4a3a1b8c77' },
    remoteIp: ['192.0.2.7'],
    serviceName: 'LLMGateway',
    level: 'USER',
    eventTime: now.toISOString(),
    message: {
      message: 'A filter was updated',
      messageWithParams: 'A filter was updated',
      messageParams: {},
    },
    action: 'Update',
    entityType: 'SafetyFilter',
    entity: { id: FILTER_ID, name: 'sample-toxicity-guard' },
    propertyChanges: [{ property: 'config.thresholds.toxicity', oldValues: ['0.8'], newValues: ['0.85'] }],
    context: {},
  }
}
