import type { BuildOptions } from '../../bundle/build/build-bundle.ts'
import type { ActionBundle } from '../../bundle/definition/data-action.ts'

/** Makes the bundle that is installed. */
export type MakeBundle = (
  request: Omit<BuildOptions, 'timeoutSeconds'>,
) => ActionBundle | Promise<ActionBundle>
