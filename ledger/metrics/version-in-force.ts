import type { MetricFilter, MetricVersion } from './metrics-reader.ts'

/**
 * The version of a filter that is at work: the one that its events tell, else the newest that a sender named.
 *
 * @param versions of this filter
 * @returns undefined where nothing was recorded of it yet
 */
export function versionInForce<Version extends Pick<MetricVersion, 'version'>>(
  { version }: Pick<MetricFilter, 'version'>,
  versions: readonly Version[],
): Version | undefined {
  const told = version ?? Math.max(...versions.map((each) => each.version))
  return versions.find((each) => each.version === told)
}
