import { isAbsolute, join } from 'node:path'
import { safeUrl } from '../safe-url.ts'
import type { MemberReader } from './member-reader.ts'
import type { KeySource, SecretSource } from './source-config.ts'

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/

/** Where the public keys of a source stand: `jwks` or `keys`. */
export function readKeySource(reader: MemberReader, folder: string, needed: boolean): KeySource {
  const place = reader.value('jwks')
  const keys = reader.value('keys')
  const given = [place, keys].filter((value) => value !== undefined).length
  if (given === 2 || (needed && given === 0))
    reader.wrong('jwks', 'must be an https URL or a file; or give the public keys themselves as "keys"')
  if (keys !== undefined && !Array.isArray(keys)) reader.wrong('keys', 'must be a list of public JWK')
  if (typeof place === 'string' && place !== '') return placedKeys(place, reader, folder)
  if (place !== undefined) reader.wrong('jwks', 'must be the text of an https URL, or the path of a file')
  return { kind: 'inline', jwks: { keys } }
}

function placedKeys(place: string, reader: MemberReader, folder: string): KeySource {
  if (!/^[a-z]+:\/\//i.test(place)) return { kind: 'file', path: inFolder(folder, place) }
  const url = safeUrl(place)
  if (!url) reader.wrong('jwks', 'must be an https URL without a password (http only on this machine)')
  return { kind: 'url', url: url ?? new URL('https://invalid.example') }
}

/** Where the secrets of a source stand. */
export function readSecretSources(
  reader: MemberReader,
  folder: string,
  needed: boolean,
): readonly SecretSource[] {
  const list = reader.value('secrets')
  if (list === undefined && !needed) return []
  if (!Array.isArray(list) || (needed && list.length === 0)) {
    reader.wrong('secrets', 'must be a list of "env:NAME" or "file:PATH", not an empty one')
    return []
  }
  return list.flatMap((item: unknown, i): readonly SecretSource[] => {
    const secret = secretSource(item, folder)
    if (!secret)
      reader.wrong(
        `secrets.${i}`,
        'must be "env:NAME" or "file:PATH", or {"from": such a text, "until": an RFC 3339 time}',
      )
    return secret ? [secret] : []
  })
}

function secretSource(item: unknown, folder: string): SecretSource | undefined {
  if (typeof item === 'string') return secretAt(item, undefined, folder)
  if (typeof item !== 'object' || item === null || !('from' in item)) return undefined
  const { from, until, ...rest } = item as Readonly<Record<string, unknown>>
  const isTime = typeof until === 'string' && RFC3339.test(until) && !Number.isNaN(Date.parse(until))
  if (typeof from !== 'string' || Object.keys(rest).length > 0 || (until !== undefined && !isTime))
    return undefined
  return secretAt(from, isTime ? new Date(until) : undefined, folder)
}

function secretAt(text: string, until: Date | undefined, folder: string): SecretSource | undefined {
  const [, kind, name] = /^(env|file):(.+)$/.exec(text) ?? []
  if (name === undefined) return undefined
  const from =
    kind === 'env' ? ({ kind, name } as const) : ({ kind: 'file', name: inFolder(folder, name) } as const)
  return { from, until }
}

function inFolder(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path)
}
