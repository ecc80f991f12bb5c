/** What a flow can see of a call that failed: the platform's own names, the same for every action. */
export const FAILURE_OUTPUTS = [
  'errorCode',
  'status',
  'correlationId',
  'entityId',
  'entityName',
  'userMessage',
  'userParamsMessage',
  'userParams.key',
  'userParams.value',
  'details.errorCode',
  'details.fieldName',
  'details.entityId',
  'details.entityName',
] as const

/** The same with what they hold; every one is a text. */
export type FailureOutputs = Readonly<Record<(typeof FAILURE_OUTPUTS)[number], string>>
