import { readFileSync } from 'node:fs'
import { CliError, EXIT } from '../exit.ts'
import { problemAt } from '../filter-files/filters-in-file.ts'
import { jsonTree } from '../filter-files/json-tree.ts'
import { placesOf } from '../filter-files/place.ts'
import { INPUT_SOURCE } from '../filter-files/source-kind.ts'
import { decodeSource } from '../filter-files/source-text.ts'
import { isCode } from '../system-error.ts'
import { systemCode } from '../system-code.ts'

/** The text of a file that an option names, or of standard input for `-`. @throws CliError that names both */
export function readText(option: string, file: string): string {
  return readBytes(option, file).toString('utf8')
}

/** The JSON of such a file. @throws CliError that also tells line and column of each fault */
export function readJson(option: string, file: string): unknown {
  const source = decodeSource(readBytes(option, file), INPUT_SOURCE)
  const faults = source.ok ? jsonTree(source.text, INPUT_SOURCE).faults : [source.fault]
  if (faults.length === 0) return JSON.parse(source.text) as unknown
  const placeAt = placesOf(source.text)
  const told = faults.map(({ at, message }) => problemAt(`${option} ${file}`, placeAt(at), message))
  throw new CliError(EXIT.usage, told.join('\n'))
}

function readBytes(option: string, file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new CliError(EXIT.usage, `${option} ${file}: ${reasonOf(error)}`, { cause: error })
  }
}

function reasonOf(error: unknown): string {
  if (isCode(error, 'ENOENT')) return 'there is no such file'
  if (isCode(error, 'EISDIR')) return 'it is a folder: name a file'
  return `it cannot be read (${systemCode(error)})`
}
