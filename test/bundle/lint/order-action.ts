/** A data action that keeps every rule: the one that docs/data-action-lint.md shows. */
export const ORDER_ACTION = {
  name: 'Get Order',
  integrationType: 'custom-rest-actions',
  actionType: 'custom',
  config: {
    request: {
      requestUrlTemplate: 'https://shop.example.com/orders/$esc.uriEncode(${input.orderId})',
      requestType: 'GET',
      headers: { Accept: 'application/json' },
      requestTemplate: '${input.rawRequest}',
    },
    response: {
      translationMap: { state: '$.state' },
      translationMapDefaults: { state: '"unknown"' },
      successTemplate: '{"state": ${state}}',
    },
  },
  contract: {
    input: {
      inputSchema: { type: 'object', required: ['orderId'], properties: { orderId: { type: 'string' } } },
    },
    output: { successSchema: { type: 'object', properties: { state: { type: 'string' } } } },
  },
  secure: false,
}

type Members = Readonly<Record<string, unknown>>

/** What an example says member by member; headers, maps and schemas are replaced as a whole. */
const LAID_OVER = ['config', 'request', 'response', 'contract', 'input', 'output']

/** The data action with what an example says in its place. */
export function actionWith(example: unknown): unknown {
  return laidOver(ORDER_ACTION, example as Members)
}

function laidOver(base: Members, example: Members): Members {
  const changed = Object.entries(example).map(([name, value]) => [
    name,
    LAID_OVER.includes(name) && isMembers(base[name]) && isMembers(value)
      ? laidOver(base[name], value)
      : value,
  ])
  return { ...base, ...(Object.fromEntries(changed) as Members) }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An output schema of so many objects in one another. */
export function nested(depth: number): unknown {
  return depth === 0 ? { type: 'string' } : { type: 'object', properties: { state: nested(depth - 1) } }
}
