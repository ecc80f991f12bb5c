import { stringify } from 'yaml'
import { inputFields } from '../../actions/contract/input-fields.ts'
import type { InputField } from '../../actions/contract/input-fields.ts'
import { FAILURE_OUTPUTS } from '../definition/failure-outputs.ts'
import type { ActionSource } from './action-source.ts'

/** The outputs that every flow should look at. */
const BOUND = new Set(['status', 'errorCode', 'message'])

/** A call of the action as a step of an Architect flow (Archy YAML): every input, every output, all three ways out. */
export function flowStep({ title, contract }: ActionSource, category: string): string {
  const nothing = { noValue: true }
  const step = {
    callData: {
      name: title,
      timeout: { lit: { minutes: 1 } },
      category: {
        [category]: {
          dataAction: {
            [title]: {
              inputs: Object.fromEntries(
                inputFields(contract.input).map((field) => [field.name, inputOf(field)]),
              ),
              successOutputs: Object.fromEntries(
                Object.keys(contract.output).map((name) => [
                  name,
                  BOUND.has(name) ? { var: `Flow.${name}` } : nothing,
                ]),
              ),
              failureOutputs: Object.fromEntries(
                FAILURE_OUTPUTS.map((name) => [
                  name,
                  name === 'errorCode' ? { var: 'Flow.errorCode' } : nothing,
                ]),
              ),
            },
          },
        },
      },
      outputs: Object.fromEntries(
        ['success', 'failure', 'timeout'].map((path) => [
          path,
          { actions: [{ endWorkflow: { name: path } }] },
        ]),
      ),
    },
  }
  return stringify([step], { aliasDuplicateObjects: false, lineWidth: 0 })
}

function inputOf({ name, required, example }: InputField) {
  if (!required) return { noValue: true }
  return example === undefined ? { exp: `Flow.${name}` } : { lit: example }
}
