type Node = Readonly<Record<string, unknown>>

/** A value of a flow, and under which key it stands. */
export interface Member {
  readonly key: string
  readonly value: unknown
}

/** One call of a data action, taken apart. */
export interface DataActionCall {
  readonly keys: readonly string[]
  readonly categories: readonly string[]
  readonly actions: readonly string[]
  readonly inputs: Node
  readonly successOutputs: Node
  readonly failureOutputs: Node
  /** The action types of each path, in their order. */
  readonly paths: Readonly<Record<string, readonly string[]>>
}

/** An object's members; none of anything else. */
export function nodeOf(value: unknown): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : {}
}

/** Every member of every object in a flow, outer ones first. */
export function membersOf(value: unknown): readonly Member[] {
  if (Array.isArray(value)) return value.flatMap(membersOf)
  return Object.entries(nodeOf(value)).flatMap(([key, inner]) => [{ key, value: inner }, ...membersOf(inner)])
}

/** What stands under one key, wherever it stands. */
export function allOf(flow: unknown, key: string): readonly unknown[] {
  return membersOf(flow).flatMap((member) => (member.key === key ? [member.value] : []))
}

/** The types of the actions in a list of them, in their order. */
export function actionTypes(actions: unknown): readonly string[] {
  return Array.isArray(actions) ? actions.map((action) => Object.keys(nodeOf(action))[0] ?? '') : []
}

/** The calls of data actions in a flow; its defaults for them, which have no category, are none. */
export function callsOf(flow: unknown): readonly DataActionCall[] {
  const calls = allOf(flow, 'callData').filter((call) => 'category' in nodeOf(call))
  return calls.map((call) => {
    const { category, outputs } = nodeOf(call)
    const [dataAction] = Object.values(nodeOf(category)).map((inner) => nodeOf(nodeOf(inner)['dataAction']))
    const action = nodeOf(Object.values(dataAction ?? {})[0])
    return {
      keys: Object.keys(nodeOf(call)),
      categories: Object.keys(nodeOf(category)),
      actions: Object.keys(dataAction ?? {}),
      inputs: nodeOf(action['inputs']),
      successOutputs: nodeOf(action['successOutputs']),
      failureOutputs: nodeOf(action['failureOutputs']),
      paths: Object.fromEntries(
        Object.entries(nodeOf(outputs)).map(([path, inner]) => [path, actionTypes(nodeOf(inner)['actions'])]),
      ),
    }
  })
}

/** Names in a variable's scope; what hangs on one with a further dot is a member of its value. */
const VARIABLE = /\b(?:Flow|State|Task|Common)\.\w+/g

/** The variables that a flow, its states and its tasks declare. */
export function declaredVariables(flow: unknown): readonly string[] {
  return membersOf(flow).flatMap(({ key, value }) =>
    key.endsWith('Variable') ? [String(nodeOf(value)['name'])] : [],
  )
}

/** The variables that expressions read, and that actions write. */
export function usedVariables(flow: unknown): ReadonlySet<string> {
  const written = [...allOf(flow, 'var'), ...allOf(flow, 'variable')]
  const read = expressionsOf(flow).flatMap((text) => outsideQuotes(text).match(VARIABLE) ?? [])
  return new Set([...written, ...read].map(String))
}

export function expressionsOf(flow: unknown): readonly string[] {
  return allOf(flow, 'exp').map(String)
}

/** The functions that expressions call. */
export function functionsOf(flow: unknown): ReadonlySet<string> {
  const calls = expressionsOf(flow).flatMap((text) => [
    ...outsideQuotes(text).matchAll(/\b(?!(?:and|or)\b)(\w+)\s*\(/gi),
  ])
  return new Set(calls.map((call) => String(call[1])))
}

function outsideQuotes(expression: string): string {
  return expression.replace(/"(?:[^"\\]|\\.)*"/g, '""')
}

/** What is wrong with an expression's quotes, parentheses and brackets; undefined when they balance. */
export function imbalance(expression: string): string | undefined {
  const bare = outsideQuotes(expression).replaceAll('""', '')
  if (bare.includes('"')) return 'a quote is not closed'
  const open: string[] = []
  for (const sign of bare.match(/[()[\]]/g) ?? []) {
    if (sign === '(' || sign === '[') open.push(sign)
    else if (open.pop() !== (sign === ')' ? '(' : '[')) return `${sign} closes nothing`
  }
  return open.length === 0 ? undefined : `${open.join('')} is not closed`
}

/** The states and tasks of a flow, as references name them. */
export function definedRefs(flow: unknown): readonly string[] {
  const [[root, body] = ['', undefined]] = Object.entries(nodeOf(flow))
  const refsOf = (list: string, one: string): readonly string[] => {
    const items = nodeOf(body)[list]
    if (!Array.isArray(items)) return []
    return items.map((item) => `/${root}/${list}/${one}[${String(nodeOf(nodeOf(item)[one])['refId'])}]`)
  }
  return [...refsOf('states', 'state'), ...refsOf('tasks', 'task')]
}

/** The states and tasks that a flow starts with, changes to and calls. */
export function usedRefs(flow: unknown): ReadonlySet<string> {
  return new Set(
    ['startUpRef', 'targetStateRef', 'targetTaskRef'].flatMap((key) => allOf(flow, key)).map(String),
  )
}
