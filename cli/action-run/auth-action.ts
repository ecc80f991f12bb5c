import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseDataAction } from '../../bundle/definition/parse-data-action.ts'
import type { DataAction } from '../../bundle/definition/data-action.ts'
import { readActionFiles } from '../action-files/read-action-files.ts'
import { CliError, EXIT } from '../exit.ts'

/**
 * Reads one data action. @throws CliError that tells file, line and column of everything that is wrong
 */
export function readAction(path: string): DataAction {
  const { actions, problems } = readActionFiles([path])
  const [file, another] = actions
  if (problems.length > 0 || !file) throw new CliError(EXIT.usage, problems.join('\n'))
  if (another) throw new CliError(EXIT.usage, `${path} holds several data actions: name one`)
  const parsed = parseDataAction(file.value)
  if (parsed.ok) return parsed.action
  const told = parsed.problems.map(({ path: member, message }) => {
    const { line, column } = file.locate(member)
    return `${file.file}:${line}:${column}: ${member === '' ? '' : `${member}: `}${message}`
  })
  throw new CliError(EXIT.usage, told.join('\n'))
}

/** Where an action says that it needs a token. */
const USES_TOKEN = /\$!?\{?authResponse\b/

/**
 * The auth action of an action that needs a token: the one that is named, else the only `*.customAuth.json` beside it.
 *
 * @throws CliError when one is needed and none can be told
 */
export function authActionFor(
  action: DataAction,
  path: string,
  named: string | undefined,
): DataAction | undefined {
  if (named !== undefined) return readAction(named)
  if (!USES_TOKEN.test(JSON.stringify(action.config.request))) return undefined
  const beside = besideOf(path)
  const [only] = beside
  if (only !== undefined && beside.length === 1) return readAction(only)
  const found =
    beside.length === 0 ? 'there is no *.customAuth.json beside it' : `beside it are ${beside.join(', ')}`
  throw new CliError(
    EXIT.usage,
    `the action uses \${authResponse…}: name the file that fetches the token with --auth-action (${found})`,
  )
}

function besideOf(path: string): readonly string[] {
  const folder = path === '-' ? '.' : dirname(path)
  return readdirSync(folder)
    .filter((name) => /\.customAuth\.json$/i.test(name))
    .sort()
    .map((name) => join(folder, name))
}
