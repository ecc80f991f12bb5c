import { Option } from 'commander'
import { CliError, EXIT } from '../exit.ts'

/** `-f`, which may be given more than once. */
export function fileOption(): Option {
  return new Option(
    '-f, --file <path>',
    'filters: a JSON or YAML file, a folder of them, or - for standard input; may be given again',
  ).argParser((path: string, before: readonly string[] | undefined) => [...(before ?? []), path])
}

/** What was given with it. @throws CliError when nothing was */
export function givenFiles(paths: readonly string[] | undefined): readonly string[] {
  if (paths && paths.length > 0) return paths
  throw new CliError(EXIT.usage, 'name the filters: -f FILE, -f FOLDER, or -f - for standard input')
}
