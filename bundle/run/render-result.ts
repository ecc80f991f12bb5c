import { BundleError } from '../bundle-error.ts'
import type { JsonValue, ResponseConfig } from '../definition/data-action.ts'
import { isDeeperThan } from '../definition/json-value.ts'
import { translate } from '../mapping/translation-map.ts'
import { genesysTools } from '../velocity/macros/genesys-tools.ts'
import { renderTemplate } from '../velocity/render-template.ts'
import { named } from './render-request.ts'
import type { RunTrail } from './run-trail.ts'

/** Far more than a contract can name; far less than what no recursion gets through. */
const MAX_DEPTH = 256

/**
 * The JSON value of an answer's body. An empty one is `{}`: what the platform makes of a 204 is not documented, and an
 * action that only has to work should not fail for it.
 *
 * Throws a {@link BundleError} `answer-unusable` for any other text, and for one that nests without end.
 */
export function readAnswer(body: string): JsonValue {
  if (body.trim() === '') return {}
  const answer = parseAnswer(body)
  if (!isDeeperThan(answer, MAX_DEPTH)) return answer
  throw new BundleError(
    'answer-unusable',
    `the answer is nested deeper than ${MAX_DEPTH} levels: a data action can name none of that`,
  )
}

function parseAnswer(body: string): JsonValue {
  try {
    return JSON.parse(body) as JsonValue
  } catch (cause) {
    const start = JSON.stringify(body.slice(0, 60))
    const message = `the answer is no JSON, and a data action can use nothing else: it begins with ${start}`
    throw new BundleError('answer-unusable', message, { cause })
  }
}

/** Applies the translation map and prints the success template: the action's result. Throws a {@link BundleError}. */
export function renderResult(config: ResponseConfig, answer: JsonValue, trail: RunTrail): JsonValue {
  const variables = trail.step(
    'translate the answer',
    () => translate(answer, config),
    (all) => all.map(({ name, path, source, value }) => ({ name, path, source, value: value ?? null })),
  )
  const values = Object.fromEntries(variables.map(({ name, jsonText }) => [name, jsonText]))
  const context = { ...genesysTools, ...values, rawResult: JSON.stringify(answer) }
  return trail.step(
    'render the result',
    () => parseResult(named('successTemplate', () => renderTemplate(config.successTemplate, context))),
    (result) => result,
  )
}

function parseResult(text: string): JsonValue {
  const result = parseRendered(text)
  if (!isDeeperThan(result, MAX_DEPTH)) return result
  throw new BundleError(
    'result-invalid',
    `the success template renders to JSON that is nested deeper than ${MAX_DEPTH} levels: no flow can bind that`,
  )
}

function parseRendered(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it cannot be read'
    throw new BundleError(
      'result-invalid',
      `the success template renders to no JSON (${reason}). Variables of the translation map come with their quotes: ` +
        'write ${name} and not "${name}"; one whose path leads nowhere needs a default',
      { cause },
    )
  }
}
