export const ORGANIZATION_ID = '0c9ad4a1-0d3f-4a6e-8a1c-1d9d1f0c7a11'
export const USER_ID = 'c2f0b1de-1d41-4f7e-9b9b-0f6f2f0f2a55'

/** The body of the audit topic (`AuditTopicAuditLogMessage`), by the models of the public SDK. */
export function topicAudit(changes: object = {}): object {
  return {
    id: '583cae9f-87d6-4bce-a5eb-6b133184405b',
    userId: USER_ID,
    userHomeOrgId: '9f0e1d2c-0000-4000-8000-000000000001',
    username: { id: USER_ID, name: 'Ada Lovelace' },
    userDisplay: 'Ada Lovelace',
    clientId: { id: 'a-client', selfUri: '/api/v2/oauth/clients/a-client' },
    remoteIp: ['192.0.2.7'],
    serviceName: 'LLMGateway',
    level: 'USER',
    eventTime: '2026-01-31T12:00:00.123Z',
    message: { message: 'Ada Lovelace changed a filter', messageWithParams: '{user} changed a filter' },
    action: 'Update',
    entityType: 'LLMGatewayFilter',
    entity: { id: 'f-1', name: 'production-toxicity-guard' },
    propertyChanges: [{ property: 'priority', oldValues: ['10'], newValues: ['20'] }],
    context: {},
    ...changes,
  }
}

/** The same as the audit API writes it (`AuditLogMessage`). */
export function apiAudit(changes: object = {}): object {
  return {
    id: '583cae9f-87d6-4bce-a5eb-6b133184405b',
    userHomeOrgId: '9f0e1d2c-0000-4000-8000-000000000001',
    user: { id: USER_ID, name: 'Ada Lovelace', selfUri: `/api/v2/users/${USER_ID}` },
    client: { id: '' },
    remoteIp: ['192.0.2.7'],
    serviceName: 'LLMGateway',
    level: 'USER',
    eventDate: '2026-01-31T12:00:00Z',
    message: { message: 'Ada Lovelace changed a filter' },
    action: 'UPDATE',
    entity: { id: 'f-1', name: 'production-toxicity-guard', selfUri: '/f-1' },
    entityType: 'LLMGatewayFilter',
    status: 'SUCCESS',
    application: '',
    initiatingAction: {},
    transactionInitiator: false,
    propertyChanges: [{ property: 'priority', oldValues: ['10'], newValues: ['20'] }],
    context: {},
    entityChanges: [],
    ...changes,
  }
}

/** An envelope as EventBridge delivers it. */
export function envelope(eventBody: unknown, changes: object = {}, detail: object = {}): Buffer {
  return Buffer.from(
    JSON.stringify({
      version: '0',
      id: '6efd5506-28c6-4a42-b5c2-567890abcdef',
      'detail-type': 'v2.audits.entitytype.{id}.entityid.{id}',
      source: `aws.partner/genesys.com/cloud/${ORGANIZATION_ID}/filter-ledger`,
      account: '123456789012',
      time: '2026-01-31T12:00:01Z',
      region: 'us-east-1',
      resources: [],
      detail: {
        topicName: 'v2.audits.entitytype.LLMGatewayFilter.entityid.f-1',
        version: '2',
        eventBody,
        metadata: { CorrelationId: '7be4a0a0-65b0-4f6a-9a57-3f5e0a1de0b1' },
        timestamp: '2026-01-31T12:00:00.500Z',
        ...detail,
      },
      ...changes,
    }),
  )
}
