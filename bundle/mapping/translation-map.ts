import { BundleError } from '../bundle-error.ts'
import type { JsonValue, ResponseConfig } from '../definition/data-action.ts'
import { parsePath } from './parse-path.ts'
import { isDefinite } from './path-step.ts'
import { readPath } from './read-path.ts'
import type { PathResult } from './read-path.ts'

/** What a variable of the success template holds. */
export interface TranslatedVariable {
  readonly name: string
  readonly path: string
  /** Whether the path gives one value; else it gives a list. */
  readonly isDefinite: boolean
  /** `missing`: the path leads nowhere, and there is no default. */
  readonly source: 'path' | 'default' | 'missing'
  /** Undefined where it is missing. */
  readonly value: JsonValue | undefined
  /** What the template prints for it: JSON, so a text stands in quotes. Undefined where it is missing. */
  readonly jsonText: string | undefined
}

type TranslationMap = Pick<ResponseConfig, 'translationMap' | 'translationMapDefaults'>

/**
 * Applies a translation map to an answer, in the order of the map.
 *
 * Documented: a default is used if the path resolves to nothing, and null does not fall back; values are printed as JSON.
 * Assumed: an indefinite path that finds nothing has resolved, to `[]`, so that its default is not used; a default that
 * is not used need not be JSON; numbers are printed as JavaScript does (`3`, where Java's `sum()` may print `3.0`).
 *
 * Throws a {@link BundleError}: `path-invalid` for a path, `definition-invalid` for a default that is no JSON,
 * `mapping-failed` for an answer that is too deep; each names the variable.
 */
export function translate(response: JsonValue, map: TranslationMap): readonly TranslatedVariable[] {
  return Object.entries(map.translationMap).map(([name, path]) =>
    naming(name, () => {
      const parsed = parsePath(path)
      const known = { name, path, isDefinite: isDefinite(parsed) }
      const result = readPath(parsed, response)
      if (result.found) return { ...known, source: 'path', ...printed(result.value) }
      const fallback = defaultOf(name, map.translationMapDefaults)
      if (fallback.found) return { ...known, source: 'default', ...printed(fallback.value) }
      return { ...known, source: 'missing', value: undefined, jsonText: undefined }
    }),
  )
}

function defaultOf(name: string, defaults: Readonly<Record<string, string>>): PathResult {
  if (!Object.hasOwn(defaults, name)) return { found: false }
  try {
    return { found: true, value: JSON.parse(defaults[name] ?? '') as JsonValue }
  } catch (cause) {
    throw new BundleError(
      'definition-invalid',
      `its default is no JSON: ${JSON.stringify(defaults[name])}; a text needs quotes of its own, as in "\\"none\\""`,
      { cause },
    )
  }
}

function printed(value: JsonValue): { readonly value: JsonValue; readonly jsonText: string } {
  try {
    return { value, jsonText: JSON.stringify(value) }
  } catch (cause) {
    throw new BundleError('mapping-failed', 'the answer is nested too deep to be printed', { cause })
  }
}

function naming<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    const options = error.place === undefined ? { cause: error } : { cause: error, place: error.place }
    throw new BundleError(
      error.code,
      `the variable ${JSON.stringify(name)} of the translation map: ${error.message}`,
      options,
    )
  }
}
