import type { DataAction } from '../definition/data-action.ts'

/** What a run is to do about one part, and why. `id` is that of what is there. */
interface StepOf<Part extends string, Does extends string> {
  readonly part: Part
  readonly does: Does
  readonly name: string
  readonly id?: string
  readonly reason: string
}

/** An action that is made, or made to be like the bundle's. `replace`: a new one, since the contract differs. */
export interface ActionStep extends StepOf<'action', 'create' | 'update' | 'replace' | 'unchanged'> {
  readonly action: DataAction
}

/** The platform's own action that fetches a token. */
export interface AuthActionStep extends StepOf<'auth-action', 'update' | 'unchanged'> {
  readonly action: DataAction
}

/** An action that another one stands in for: it goes on under another name, for the flows that are bound to its id. */
export interface RetireStep extends StepOf<'action', 'retire'> {
  readonly id: string
  readonly keptAs: string
}

/** An action that is deleted. `replacedBy` is the name of the one that stands in for it. */
export interface DeleteActionStep extends StepOf<'action', 'delete'> {
  readonly id: string
  readonly replacedBy?: string
}

/** An action in the integration that is not touched. */
export interface LeftStep extends StepOf<'action', 'left'> {
  readonly id: string
}

export type InstallStep =
  | StepOf<'integration', 'create' | 'unchanged'>
  | StepOf<'credential', 'create' | 'update' | 'unchanged'>
  | StepOf<'config', 'update' | 'unchanged'>
  | StepOf<'state', 'update' | 'unchanged'>
  | AuthActionStep
  | ActionStep
  | RetireStep
  | DeleteActionStep
  | LeftStep

/** True for a step that writes. */
export function changes({ does }: Pick<InstallStep, 'does'>): boolean {
  return does !== 'unchanged' && does !== 'left'
}
