import { dirname, isAbsolute, join } from 'node:path'
import { addressSet } from '../../receiver/http/address-set.ts'
import { ALGORITHMS } from '../../receiver/webhook/schemes/asymmetric.ts'
import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'
import { SCHEMES } from '../../receiver/webhook/schemes/scheme.ts'
import { safeUrl } from '../safe-url.ts'
import { MemberReader } from './member-reader.ts'
import { FORMATS } from './source-config.ts'
import type { KeySource, SecretSource, SourceConfig } from './source-config.ts'

const SOURCE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
const HEADER_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/

export interface SourcesFile {
  readonly path: string
  readonly text: string
}

/** The sources of a sources file, and all that is wrong with it. Paths in it are relative to it. */
export function readSources({ path, text }: SourcesFile): {
  readonly sources: readonly SourceConfig[]
  readonly problems: readonly string[]
} {
  const problems: string[] = []
  const file = new MemberReader(path, parsed(text), problems)
  const listed = new MemberReader(`${path}: sources`, file.value('sources'), problems)
  file.refuseUnknown()
  const names = Object.keys(listed.object)
  if (problems.length === 0 && names.length === 0) problems.push(`${path}: sources names no source`)
  const sources = names.map((name) => {
    if (!SOURCE_NAME.test(name))
      listed.wrong(name, 'is no name for a source: 1 to 63 lower-case letters, digits and hyphens')
    const reader = new MemberReader(`${path}: sources.${name}`, listed.object[name], problems)
    const source = readSource(name, reader, dirname(path))
    reader.refuseUnknown()
    return source
  })
  return { sources, problems }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readSource(name: string, reader: MemberReader, folder: string): SourceConfig {
  const scheme = reader.oneOf('scheme', SCHEMES)
  const windowS = reader.wholeNumber('windowSeconds', 300, 1, 86_400)
  const retired = reader.flag('retired', false)
  const common = {
    name,
    format: reader.oneOf('format', FORMATS, 'filter-event'),
    windowS,
    toleranceS: reader.wholeNumber('clockToleranceSeconds', Math.min(windowS, 300), 0, 3600),
    perMinute: reader.wholeNumber('perMinute', 60_000, 1, 10_000_000),
    addresses: addresses(reader),
    retired,
    filterEntityTypes: reader.texts('filterEntityTypes'),
  }
  const header = (fallback: string): string =>
    reader.text('header', HEADER_NAME, 'the name of a header in lower case', fallback)
  switch (scheme) {
    case 'jws':
      return {
        ...common,
        scheme,
        header: header('x-genesys-signature'),
        algorithms: algorithms(reader),
        b64: reader.flag('b64', true),
        keys: keySource(reader, folder, !retired),
      }
    case 'hub-sha256':
      return {
        ...common,
        scheme,
        header: header('x-hub-signature-256'),
        encoding: reader.oneOf('encoding', ['base64', 'hex']),
        secrets: secrets(reader, folder, !retired),
        checksEventTime: reader.object['windowSeconds'] !== undefined,
      }
    case 'standard-webhooks': {
      const publicKeys = reader.texts('publicKeys') ?? []
      return {
        ...common,
        scheme,
        secrets: secrets(reader, folder, publicKeys.length === 0 && !retired),
        publicKeys,
      }
    }
    case 'api-key':
      return {
        ...common,
        scheme,
        header: header('authorization'),
        secrets: secrets(reader, folder, !retired),
      }
  }
}

function addresses(reader: MemberReader): readonly string[] | undefined {
  const texts = reader.texts('addresses')
  try {
    if (texts) addressSet(texts)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    reader.wrong('addresses', `: ${error.message}`)
  }
  return texts
}

function algorithms(reader: MemberReader): readonly Algorithm[] {
  const texts = reader.texts('algorithms')
  if (!texts) {
    reader.wrong('algorithms', `must list what the source signs with, of ${ALGORITHMS.join(', ')}`)
    return ALGORITHMS
  }
  const known = ALGORITHMS.filter((algorithm) => texts.includes(algorithm))
  if (known.length !== texts.length) reader.wrong('algorithms', `must be of ${ALGORITHMS.join(', ')}`)
  return known
}

function keySource(reader: MemberReader, folder: string, needed: boolean): KeySource {
  const place = reader.value('jwks')
  const keys = reader.value('keys')
  const given = [place, keys].filter((value) => value !== undefined).length
  if (given === 2 || (needed && given === 0))
    reader.wrong('jwks', 'must be an https URL or a file; or give the public keys themselves as "keys"')
  if (keys !== undefined) return { kind: 'inline', jwks: { keys } }
  return typeof place === 'string' ? placedKeys(place, reader, folder) : { kind: 'file', path: '' }
}

function placedKeys(place: string, reader: MemberReader, folder: string): KeySource {
  if (!/^[a-z]+:\/\//i.test(place)) return { kind: 'file', path: inFolder(folder, place) }
  const url = safeUrl(place)
  if (!url) reader.wrong('jwks', 'must be an https URL (http only on this machine)')
  return { kind: 'url', url: url ?? new URL('https://invalid.example') }
}

function secrets(reader: MemberReader, folder: string, needed: boolean): readonly SecretSource[] {
  const list = reader.value('secrets') ?? []
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
