import { dirname } from 'node:path'
import { jsonOutline } from './json-outline.ts'
import { MemberReader } from './member-reader.ts'
import { readSource } from './read-source.ts'
import type { SourceConfig } from './source-config.ts'

const SOURCE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

export interface SourcesFile {
  readonly path: string
  readonly text: string
}

interface ReadSources {
  readonly sources: readonly SourceConfig[]
  readonly problems: readonly string[]
}

/** The sources of a sources file, and all that is wrong with it. Paths in it are relative to it. */
export function readSources({ path, text }: SourcesFile): ReadSources {
  const { faultAt, twice } = jsonOutline(text)
  if (faultAt !== undefined)
    return { sources: [], problems: [`${path} is not JSON: ${faultIn(text, faultAt)}`] }
  const problems = twice.map((member) => `${path}: ${member} stands twice: only one can be meant`)
  const file = new MemberReader(path, JSON.parse(text), problems)
  if (!file.isObject) return { sources: [], problems }
  const listed = new MemberReader(`${path}: sources`, file.value('sources'), problems)
  file.refuseUnknown()
  const names = Object.keys(listed.object)
  if (problems.length === 0 && names.length === 0) problems.push(`${path}: sources names no source`)
  const sources = names.flatMap((name) => {
    if (!SOURCE_NAME.test(name))
      listed.wrong(name, 'is no name for a source: 1 to 63 lower-case letters, digits and hyphens')
    const reader = new MemberReader(`${path}: sources.${name}`, listed.object[name], problems)
    return readSource(name, reader, dirname(path)) ?? []
  })
  return { sources, problems }
}

/** Nothing of the text itself: by a slip it may hold a secret. */
function faultIn(text: string, at: number): string {
  if (text.startsWith('\uFEFF')) return 'it begins with a byte order mark (position 0): save it without one'
  if (at === text.length) return `it ends too early (position ${at})`
  const lines = text.slice(0, at).split('\n')
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1} (position ${at}) is not what may stand there`
}
