import { checkContract } from '../../contract/check-contract.ts'
import type { ContractRule } from '../../contract/check-contract.ts'
import type { Rule } from '../rule.ts'

/** The rules that Genesys Cloud documents for contracts, one each. It refuses what breaks them. */
export const CONTRACT_RULES: readonly Rule[] = [
  contractRule('input-object', 'The inputs are no object', 'The inputs of an action have names.'),
  contractRule(
    'input-scalar',
    'An input that is no single value',
    'An input is one string, integer, number, boolean or null: no object and no array.',
  ),
  contractRule(
    'input-name',
    'A name that no input can have',
    'The name of an input begins with a letter and goes on with letters, digits, - and _.',
  ),
  contractRule(
    'input-reserved',
    "An input with a name of the platform's own",
    'An input named orgId, integrationId or rawRequest overwrites what the platform puts there, and the action fails.',
  ),
  contractRule('no-ref', 'A contract with $ref', 'Contracts do not support $ref.'),
  contractRule(
    'output-top-level',
    'The result is no object',
    'The result of an action is an object or an array.',
  ),
  contractRule(
    'output-nested-array',
    'An array in an array of the result',
    'The output contract does not support arrays within arrays.',
  ),
  contractRule('depth', 'A contract that is too deep', 'JSON of a data action is at most 50 levels deep.'),
]

function contractRule(rule: ContractRule, title: string, why: string): Rule {
  return {
    id: `contract-${rule}`,
    severity: 'error',
    title,
    why: `${why} Genesys Cloud refuses the contract.`,
    check: ({ action }) =>
      checkContract(action.contract)
        .filter((problem) => problem.rule === rule)
        .map(({ path, message, fix }) => ({ path: path.join('.'), message, fix })),
  }
}
