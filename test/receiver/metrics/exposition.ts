/** One sample as a scraper reads it. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Exposed {
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

interface Draft extends Exposed {
  samples: Sample[]
}

const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s
const NUMBER = /^(?:[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf)|NaN)$/i

/**
 * Reads the Prometheus text format 0.0.4, and is as strict as its conventions: HELP and TYPE come before the samples of
 * a family, which stand together; nobody uses a name or a series twice; counters end in `_total`, and nothing else does;
 * histograms are cumulative, end in +Inf, and have a count that is that of +Inf.
 *
 * @throws Error that names the line
 */
export function parseExposition(text: string): ReadonlyMap<string, Exposed> {
  const families = new Map<string, Draft>()
  const series = new Set<string>()
  let current: { name: string; help: string; family: Draft | undefined } | undefined
  if (!text.endsWith('\n')) throw new Error('the text does not end with a line feed')
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (keyword === 'HELP') {
      if (families.has(name) || !NAME.test(name)) throw new Error(`twice, or no name: ${line}`)
      current = { name, help: rest, family: undefined }
    } else if (keyword === 'TYPE') {
      if (current?.name !== name || current.family) throw new Error(`TYPE without its HELP: ${line}`)
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`no type: ${line}`)
      if ((rest === 'counter') !== name.endsWith('_total')) throw new Error(`misnamed: ${line}`)
      current.family = { type: rest, help: current.help, samples: [] }
      families.set(name, current.family)
    } else {
      const sample = parseSample(line)
      if (!current?.family || !belongs(sample.name, current.name, current.family.type))
        throw new Error(`a sample outside of its family: ${line}`)
      const key = seriesOf(sample)
      if (series.has(key)) throw new Error(`a series twice: ${line}`)
      series.add(key)
      current.family.samples.push(sample)
    }
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family)
  return families
}

function belongs(sample: string, family: string, type: string): boolean {
  if (type !== 'histogram') return sample === family
  return ['_bucket', '_sum', '_count'].some((suffix) => sample === family + suffix)
}

function parseSample(line: string): Sample {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? []
  if (name === '' || !NUMBER.test(value)) throw new Error(`no sample: ${line}`)
  return { name, labels: parseLabels(labels, line), value: Number(value.replace('Inf', 'Infinity')) }
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = text
  while (rest !== '') {
    const [whole, name = '', value = ''] =
      /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest) ?? []
    if (whole === undefined || Object.hasOwn(labels, name)) throw new Error(`labels: ${line}`)
    labels[name] = value.replace(/\\(["\\n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    rest = rest.slice(whole.length)
  }
  return labels
}

function seriesOf({ name, labels }: Sample): string {
  return name + JSON.stringify(Object.entries(labels).sort())
}

function checkHistogram(name: string, { samples }: Exposed): void {
  const groups = new Map<string, Sample[]>()
  for (const sample of samples) {
    const labels = Object.fromEntries(Object.entries(sample.labels).filter(([label]) => label !== 'le'))
    const key = JSON.stringify(Object.entries(labels).sort())
    groups.set(key, [...(groups.get(key) ?? []), sample])
  }
  for (const [key, group] of groups) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => Number(labels['le']?.replace('+Inf', 'Infinity')))
    const counts = buckets.map(({ value }) => value)
    const ascends = (numbers: readonly number[]) =>
      numbers.every((n, i) => i === 0 || n >= (numbers[i - 1] ?? 0))
    const count = group.find((sample) => sample.name === `${name}_count`)?.value
    const sum = group.find((sample) => sample.name === `${name}_sum`)
    if (!ascends(bounds) || !ascends(counts) || bounds.at(-1) !== Infinity || counts.at(-1) !== count || !sum)
      throw new Error(`no histogram: ${name}${key}`)
  }
}
