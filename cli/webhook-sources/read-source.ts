import { DEFAULT_PER_MINUTE } from '../../receiver/edge/rate-limit.ts'
import { addressSet } from '../../receiver/http/address-set.ts'
import { ALGORITHMS } from '../../receiver/webhook/schemes/asymmetric.ts'
import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'
import { SCHEMES } from '../../receiver/webhook/schemes/scheme.ts'
import type { Scheme } from '../../receiver/webhook/schemes/scheme.ts'
import type { MemberReader } from './member-reader.ts'
import { readHeaderName } from './read-header-name.ts'
import { readKeySource, readSecretSources } from './read-places.ts'
import { FORMATS } from './source-config.ts'
import type { SourceConfig } from './source-config.ts'

/** A source of the sources file; undefined when it has no scheme, for then nothing else in it can be judged. */
export function readSource(name: string, reader: MemberReader, folder: string): SourceConfig | undefined {
  const scheme = SCHEMES.find((each) => each === reader.value('scheme'))
  if (!scheme) {
    if (reader.isObject) reader.wrong('scheme', `must be one of ${SCHEMES.join(', ')}`)
    return undefined
  }
  const config = readScheme(name, scheme, reader, folder)
  reader.refuseUnknown()
  return config
}

function readScheme(name: string, scheme: Scheme, reader: MemberReader, folder: string): SourceConfig {
  const retired = reader.flag('retired', false)
  const common = {
    name,
    ...readFormat(reader),
    ...readWindow(reader, scheme),
    perMinute: reader.wholeNumber('perMinute', DEFAULT_PER_MINUTE, 1, 10_000_000),
    addresses: addresses(reader),
    retired,
  }
  switch (scheme) {
    case 'jws':
      return {
        ...common,
        scheme,
        header: reader.value('header') === undefined ? undefined : readHeaderName(reader, ''),
        algorithms: algorithms(reader),
        b64: reader.flag('b64', true),
        keys: readKeySource(reader, folder, !retired),
      }
    case 'hub-sha256':
      return {
        ...common,
        scheme,
        header: readHeaderName(reader, 'x-hub-signature-256'),
        encoding: reader.oneOf('encoding', ['base64', 'hex']),
        secrets: readSecretSources(reader, folder, !retired),
        checksEventTime: reader.object['windowSeconds'] !== undefined,
      }
    case 'standard-webhooks': {
      const publicKeys = reader.texts('publicKeys') ?? []
      return {
        ...common,
        scheme,
        secrets: readSecretSources(reader, folder, publicKeys.length === 0 && !retired),
        publicKeys,
      }
    }
    case 'api-key':
      return {
        ...common,
        scheme,
        header: readHeaderName(reader, 'authorization'),
        secrets: readSecretSources(reader, folder, !retired),
      }
  }
}

function readFormat(reader: MemberReader): Pick<SourceConfig, 'format' | 'filterEntityTypes'> {
  const format = reader.oneOf('format', FORMATS, 'filter-event')
  const filterEntityTypes = reader.texts('filterEntityTypes')
  if (filterEntityTypes && format !== 'eventbridge')
    reader.wrong('filterEntityTypes', 'is for the format eventbridge alone')
  return { format, filterEntityTypes }
}

function readWindow(reader: MemberReader, scheme: Scheme): Pick<SourceConfig, 'windowS' | 'toleranceS'> {
  if (scheme === 'api-key') {
    for (const name of ['windowSeconds', 'clockToleranceSeconds'])
      if (reader.value(name) !== undefined)
        reader.wrong(name, 'says nothing here: a shared key signs no time')
    return { windowS: 300, toleranceS: 300 }
  }
  const windowS = reader.wholeNumber('windowSeconds', 300, 1, 86_400)
  return {
    windowS,
    toleranceS: reader.wholeNumber('clockToleranceSeconds', Math.min(windowS, 300), 0, 3600),
  }
}

function addresses(reader: MemberReader): readonly string[] | undefined {
  const texts = reader.texts('addresses')
  try {
    if (texts) addressSet(texts)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    reader.wrong('addresses', `has a wrong one: ${error.message}`)
  }
  return texts
}

function algorithms(reader: MemberReader): readonly Algorithm[] {
  const texts = reader.texts('algorithms')
  if (!texts) {
    reader.wrong('algorithms', `must list what the source signs with, of ${ALGORITHMS.join(', ')}`)
    return ALGORITHMS
  }
  const twice = texts.find((text, i) => texts.indexOf(text) !== i)
  if (twice !== undefined) reader.wrong('algorithms', `names ${twice} twice`)
  const known = ALGORITHMS.filter((algorithm) => texts.includes(algorithm))
  if (known.length !== new Set(texts).size) reader.wrong('algorithms', `must be of ${ALGORITHMS.join(', ')}`)
  return known
}
