import { IsString, Length } from 'class-validator'
import { Told } from '../contract/told.ts'
import { outcome } from '../pipeline/deploy-outcome.ts'
import type { DeployOutcome } from '../pipeline/deploy-outcome.ts'
import type { Requester } from '../pipeline/deployment-entries.ts'
import { RequestMeta } from '../request-meta.ts'
import { validateInput } from '../validate.ts'
import { callerOf } from './action.ts'
import type { ActionContext, DataAction } from './action.ts'
import { dropUnset } from './flat-input.ts'
import { inputRefusal } from './input-refusal.ts'
import type { ChangesUnderWay } from './under-way.ts'

/** What every action on a filter that is there takes. */
export class FilterInput extends RequestMeta {
  @Told('The filter: its name or its id', { example: 'pii-guard' })
  @IsString({ message: 'a text is expected' })
  @Length(1, 256, { message: 'the name or the id of a filter is expected' })
  filter!: string
}

/** Makes an action of one that changes a filter: flat input in, refusals of business as answers. */
export function changeAction<T extends FilterInput>(
  dto: new () => T,
  underWay: ChangesUnderWay,
  carryOut: (input: T, requester: Requester) => Promise<DeployOutcome>,
): DataAction {
  return async (rawInput, context) => {
    const parsed = validateInput(dto, dropUnset(rawInput))
    if (parsed.ok) {
      const { value } = parsed
      const requester = requesterOf(context, value)
      const run = (deploymentId: string) => carryOut(value, { ...requester, deploymentId })
      return { ...(await underWay.answer(value.requestId, run)) }
    }
    return { ...outcome({ deploymentId: '' }, { id: '', index: -1 }, inputRefusal(parsed.violations)) }
  }
}

/** Who calls, for whom, and why. */
export function requesterOf(
  context: ActionContext,
  { reason, ticketRef, onBehalfOf }: Pick<RequestMeta, 'reason' | 'ticketRef' | 'onBehalfOf'>,
): Requester {
  const caller = callerOf(context)
  return {
    ...caller,
    actor: onBehalfOf === undefined ? caller.actor : { ...caller.actor, onBehalfOf },
    ...(reason !== undefined && { reason }),
    ...(ticketRef !== undefined && { ticketRef }),
  }
}
