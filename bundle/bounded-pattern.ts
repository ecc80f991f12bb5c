import { createContext, Script } from 'node:vm'

/** Long enough for any honest pattern. */
const TIMEOUT_MS = 100

const MATCH = new Script('new RegExp(source, flags).test(text)')
const scope = { source: '', flags: '', text: '' }
const context = createContext(scope)

/**
 * Whether a stranger's pattern, which is known to compile, matches a text. A pattern may be written so that it would
 * take for ever: undefined when 100 ms were not enough.
 */
export function matchWithin(source: string, flags: string, text: string): boolean | undefined {
  Object.assign(scope, { source, flags, text })
  try {
    return MATCH.runInContext(context, { timeout: TIMEOUT_MS }) === true
  } catch {
    return undefined
  }
}
