import type { Request } from 'express'
import { RequestProblem } from '../problem.ts'

/** The whole numbers of a query; a parameter that is not named is refused. */
export function readQuery<Name extends string>(
  req: Request,
  names: readonly Name[],
): Partial<Record<Name, number>> {
  const known: ReadonlySet<string> = new Set(names)
  const values: Partial<Record<Name, number>> = {}
  for (const name of Object.keys(req.query)) {
    if (!known.has(name))
      throw queryProblem(`there is no parameter ${name.slice(0, 40)}; there are: ${names.join(', ')}`)
  }
  for (const name of names) {
    if (req.query[name] !== undefined) values[name] = parseCount(name, req.query[name])
  }
  return values
}

/** @throws RequestProblem `query-invalid` */
export function parseCount(name: string, value: unknown): number {
  if (typeof value !== 'string' || !/^[0-9]{1,15}$/.test(value))
    throw queryProblem(`${name} must be a whole number from 0 on`)
  return Number(value)
}

export function queryProblem(detail: string): RequestProblem {
  return new RequestProblem('query-invalid', { detail })
}
