import type { DataAction, JsonMembers } from '../../bundle/definition/data-action.ts'
import { CliError, EXIT } from '../exit.ts'
import { readInputs } from './read-inputs.ts'
import { readJson } from './read-text.ts'
import { readSecretSource } from '../webhook/secret-source.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The inputs of a run: `name=value` pairs over a file of JSON. @throws CliError */
export function inputsOf(
  action: DataAction,
  pairs: readonly string[],
  file: string | undefined,
): JsonMembers {
  return readInputs(
    pairs,
    file === undefined ? undefined : readJson('--input-file', file),
    action.contract.input.inputSchema,
  )
}

/**
 * The members of the credential, each `NAME=env:VARIABLE` or `NAME=file:PATH`.
 *
 * @throws CliError; a value that stands on the command line is refused and not quoted
 */
export function credentialsOf(pairs: readonly string[], env: Env): Readonly<Record<string, string>> {
  const members = pairs.map((pair): [string, string] => {
    const [, name, source] = /^([A-Za-z][A-Za-z0-9_-]*)=(.*)$/s.exec(pair) ?? []
    if (name === undefined || source === undefined)
      throw new CliError(EXIT.usage, '--credential takes NAME=env:VARIABLE or NAME=file:PATH')
    return [name, readSecretSource(source, env, '--credential', SECRET_NAMING)]
  })
  const twice = members.find(([name], index) => members.findIndex(([other]) => other === name) !== index)
  if (twice) throw new CliError(EXIT.usage, `--credential ${twice[0]} is given twice`)
  return Object.fromEntries(members)
}

const SECRET_NAMING = {
  what: 'secret',
  whenMissing: 'write it into a file of that name that you alone can read, or name another',
  whenBroken: 'a file with a secret was expected',
}
