import type { SandboxAnswer, SandboxRequest } from './exchange.ts'
import type { ResourceCall } from './filters.ts'

interface RouteAddress {
  readonly method: string
  /** `{id}` and `{file}` stand for one segment each. */
  readonly path: string
}

interface OpenRoute extends RouteAddress {
  /** `control`: for who can reach the sandbox itself. */
  readonly access: 'open' | 'control'
  readonly handle: (request: SandboxRequest) => SandboxAnswer
}

/** For the bearer of an access token with one of the scopes. */
export interface TokenRoute extends RouteAddress {
  readonly access: 'token'
  /** Empty: any token will do. */
  readonly anyOf: readonly string[]
  readonly handle: (call: ResourceCall) => SandboxAnswer
}

export type Route = OpenRoute | TokenRoute

/** What stands in a path for the placeholders of a route; empty for those it does not have. */
export interface PathParameters {
  readonly id: string
  readonly file: string
}

/** Holds a path against a route's pattern. `undefined` when it does not match. */
export function matchPath(pattern: string, path: string): PathParameters | undefined {
  const expected = pattern.split('/')
  const given = path.split('/')
  if (expected.length !== given.length) return undefined
  let id = ''
  let file = ''
  for (const [index, segment] of expected.entries()) {
    const text = given[index] ?? ''
    if (segment === '{id}') id = text
    else if (segment === '{file}') file = text
    else if (segment !== text) return undefined
    if (segment.startsWith('{') && text === '') return undefined
  }
  return { id, file }
}
