type Json = Readonly<Record<string, unknown>>

/** Reads the members of a JSON object and collects what is wrong with them, so that all of it is told at once. */
export class MemberReader {
  readonly path: string
  readonly object: Json
  /** False when it is something else; that was told then. */
  readonly isObject: boolean
  readonly problems: string[]
  private readonly known = new Set<string>()

  constructor(path: string, value: unknown, problems: string[]) {
    this.path = path
    this.problems = problems
    this.isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    this.object = this.isObject ? (value as Json) : {}
    if (!this.isObject) problems.push(`${path} must be a JSON object`)
  }

  value(name: string): unknown {
    this.known.add(name)
    return Object.hasOwn(this.object, name) ? this.object[name] : undefined
  }

  /** What stands there; the fallback only when nothing does: `null` is something, and wrong. */
  private valueOr(name: string, fallback: unknown): unknown {
    const value = this.value(name)
    return value === undefined ? fallback : value
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback?: T): T {
    const value = this.valueOr(name, fallback)
    const known = values.find((each) => each === value)
    if (known === undefined) this.wrong(name, `must be one of ${values.join(', ')}`)
    return known ?? (values[0] as T)
  }

  text(name: string, pattern: RegExp, what: string, fallback: string): string {
    const value = this.valueOr(name, fallback)
    if (typeof value === 'string' && pattern.test(value)) return value
    this.wrong(name, `must be ${what}`)
    return fallback
  }

  wholeNumber(name: string, fallback: number, min: number, max: number): number {
    const value = this.valueOr(name, fallback)
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
    this.wrong(name, `must be a whole number from ${min} to ${max}`)
    return fallback
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.valueOr(name, fallback)
    if (typeof value === 'boolean') return value
    this.wrong(name, 'must be true or false')
    return fallback
  }

  /** The texts of a list; undefined when there is no such member. */
  texts(name: string): readonly string[] | undefined {
    const value = this.value(name)
    if (value === undefined) return undefined
    if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string'))
      return value
    this.wrong(name, 'must be a list of texts, not an empty one')
    return []
  }

  wrong(name: string, what: string): void {
    this.problems.push(`${this.path}.${name} ${what}`)
  }

  /** To be called last: a member that nobody asked for is a mistake of spelling. */
  refuseUnknown(): void {
    for (const name of Object.keys(this.object)) {
      if (!this.known.has(name))
        this.wrong(name, `is not known here; known are ${[...this.known].join(', ')}`)
    }
  }
}
