import { BundleError } from '../../bundle-error.ts'
import { toolOf, type ToolMethod } from '../value.ts'
import { textArgument } from './argument.ts'

/**
 * `firstFromArray(array, default)`: the first element of an array that is given as JSON text, as JSON text too. Of an empty
 * array it is the second argument, and without one `null`. That `null` is assumed: no public page says what the platform
 * gives there. An argument without a value gives none.
 */
const firstFromArray: ToolMethod = ([array, other], budget) => {
  const text = textArgument(array, budget)
  if (text === undefined) return undefined
  const value = parsed(text, 'firstFromArray')
  if (!Array.isArray(value)) throw notThat('firstFromArray', 'an array', text)
  const first: unknown = value[0]
  return first === undefined ? (textArgument(other, budget) ?? 'null') : written(first, 'firstFromArray')
}

/**
 * `moveKeysIntoArrayOfObjects(object, name)`: `{"a": {"x": 1}}` becomes `[{"name": "a", "x": 1}]`, both as JSON text. Known
 * by its name alone; what it does is assumed from that: the key goes into each object under the second argument (`key`
 * without one), and a value that is no object under `value`.
 */
const moveKeysIntoArrayOfObjects: ToolMethod = ([object, name], budget) => {
  const text = textArgument(object, budget)
  if (text === undefined) return undefined
  const key = textArgument(name, budget) ?? 'key'
  const value = parsed(text, 'moveKeysIntoArrayOfObjects')
  if (!isObject(value)) throw notThat('moveKeysIntoArrayOfObjects', 'an object', text)
  const moved = Object.entries(value).map(([own, member]) => {
    const members = isObject(member) ? Object.entries(member) : [['value', member] as const]
    return Object.fromEntries<unknown>([[key, own], ...members])
  })
  return written(moved, 'moveKeysIntoArrayOfObjects')
}

/** `$successTemplateUtils`: for success templates, whose variables are JSON texts. */
export const successTemplateTool = toolOf({ firstFromArray, moveKeysIntoArrayOfObjects })

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(text: string, method: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw notThat(method, method === 'firstFromArray' ? 'an array' : 'an object', text)
  }
}

function written(value: unknown, method: string): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    // Nesting without end is more than the stack of the process takes.
    throw new BundleError(
      'template-invalid',
      `successTemplateUtils.${method}(...) was given JSON that is nested too deeply`,
      {
        cause,
      },
    )
  }
}

function notThat(method: string, wanted: string, text: string): BundleError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text
  return new BundleError(
    'template-invalid',
    `successTemplateUtils.${method}(...) takes the JSON text of ${wanted} and was given: ${shown}`,
  )
}
