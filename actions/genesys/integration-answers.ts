import { asRecord } from '../../ledger/entry/as-record.ts'
import type { IntegrationConfig } from './integrations-port.ts'
import { unusable } from './page.ts'

export function readIntegration(value: unknown) {
  const { name, integrationType, intendedState, reportedState, ...rest } = asRecord(value)
  const { code } = asRecord(reportedState)
  return {
    id: idOf(rest, 'an integration'),
    name: textOf(name),
    typeId: textOf(asRecord(integrationType)['id']),
    intendedState: textOf(intendedState),
    reportedState: typeof code === 'string' ? code : undefined,
  }
}

export function readConfig(value: unknown): IntegrationConfig {
  const { name, version, properties, advanced, notes, credentials } = asRecord(value)
  if (typeof version !== 'number') throw unusable('a configuration without a version')
  const bound = Object.entries(asRecord(credentials)).map(([key, credential]): [string, string] => [
    key,
    textOf(asRecord(credential)['id']),
  ])
  return {
    name: textOf(name),
    version,
    properties: asRecord(properties),
    advanced: asRecord(advanced),
    notes: textOf(notes),
    credentials: Object.fromEntries(bound.filter(([, id]) => id !== '')),
  }
}

export function readCredential(value: unknown) {
  const { name, type, ...rest } = asRecord(value)
  const { name: typeName, id: typeId } = asRecord(type)
  return { id: idOf(rest, 'a credential'), name: textOf(name), type: textOf(typeName ?? typeId ?? type) }
}

export function readListedAction(value: unknown) {
  const { name, integrationId, ...rest } = asRecord(value)
  return { id: idOf(rest, 'an action'), name: textOf(name), integrationId: textOf(integrationId) }
}

/** Reads a file that the platform keeps beside an action: of a template its text, of a schema its JSON. */
export type ReadFile = (uri: string, kind: 'template' | 'schema') => Promise<unknown>

/** An action with its definition. Long templates and schemas are answered as addresses: they are fetched. */
export async function readAction(value: unknown, readFile: ReadFile) {
  const { version, category, secure, config, contract } = asRecord(value)
  if (typeof version !== 'number') throw unusable('an action without a version')
  const { request, response } = asRecord(config)
  const { input, output } = asRecord(contract)
  return {
    ...readListedAction(value),
    category: textOf(category),
    version,
    secure: secure === true,
    config: {
      ...asRecord(config),
      request: await withFile(request, 'requestTemplate', 'template', readFile),
      response: await withFile(response, 'successTemplate', 'template', readFile),
    },
    contract: {
      input: await withFile(input, 'inputSchema', 'schema', readFile),
      output: await withFile(output, 'successSchema', 'schema', readFile),
    },
  }
}

async function withFile(value: unknown, member: string, kind: 'template' | 'schema', readFile: ReadFile) {
  const { [`${member}Uri`]: uri, ...record } = asRecord(value)
  const isThere = record[member] !== undefined && record[member] !== null
  if (isThere || typeof uri !== 'string') return record
  return { ...record, [member]: await readFile(uri, kind) }
}

function idOf({ id }: Readonly<Record<string, unknown>>, what: string): string {
  if (typeof id === 'string' && id !== '') return id
  throw unusable(`${what} without an id`)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
