import { BundleError } from '../bundle-error.ts'
import type { DataAction, JsonMembers } from '../definition/data-action.ts'
import { isMembers } from '../definition/json-value.ts'
import { readAnswer, renderResult } from './render-result.ts'
import { renderRequest } from './render-request.ts'
import type { RunDeps, RunRequest } from './run-action.ts'
import { newTrail } from './run-trail.ts'
import type { RunTrail } from './run-trail.ts'

/** What stands for a token where none is fetched. */
export const SAMPLE_TOKEN: JsonMembers = { token_type: 'bearer', access_token: '(a token)' }

/** Runs the auth action, as the platform does before the first call. @throws BundleError when there is no token */
export async function fetchToken(
  request: RunRequest & { readonly authAction: DataAction },
  deps: RunDeps,
  trail: RunTrail,
): Promise<JsonMembers | 'timeout'> {
  return trail.asyncStep(
    'fetch a token',
    async () => {
      const { request: asked, response } = request.authAction.config
      // The credentials are for this call; its input is fixed, and empty.
      const outgoing = renderRequest(asked, { ...request, input: {}, authResponse: undefined })
      const answer = await deps.send(outgoing)
      if (answer === 'timeout') return 'timeout'
      if (answer.status < 200 || answer.status > 299)
        throw new BundleError('unauthorized', `${outgoing.url} gave no token: it answered ${answer.status}`)
      const token = renderResult(response, readAnswer(answer.body), newTrail())
      if (isMembers(token)) {
        deps.onToken?.(token)
        return token
      }
      throw new BundleError(
        'unauthorized',
        'the auth action gives no object: nothing can be read from ${authResponse}',
      )
    },
    // A token is a secret: its members are shown, not what they hold.
    (token) => (token === 'timeout' ? 'no answer in time' : Object.keys(token)),
  )
}
