/** A regular expression of Java, read. */
export type Pattern =
  | { readonly kind: 'sequence'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'choice'; readonly choices: readonly Pattern[] }
  | { readonly kind: 'characters'; readonly has: CharacterTest }
  | { readonly kind: 'capture'; readonly number: number; readonly part: Pattern }
  | {
      readonly kind: 'repeat'
      readonly part: Pattern
      readonly least: number
      readonly most: number
      readonly mode: RepeatMode
    }
  | { readonly kind: 'assertion'; readonly holds: (text: string, at: number) => boolean }
  | { readonly kind: 'look'; readonly part: Pattern; readonly wanted: boolean; readonly behind: boolean }
  | { readonly kind: 'atomic'; readonly part: Pattern }
  | { readonly kind: 'again'; readonly number: number; readonly ignoreCase: boolean }

export type RepeatMode = 'greedy' | 'lazy' | 'possessive'

/** Whether a character, given by its code point, is one of a class. */
export type CharacterTest = (codePoint: number) => boolean

/** What a regular expression holds beside its pattern. */
export interface Regexp {
  readonly pattern: Pattern
  readonly captures: number
  readonly names: ReadonlyMap<string, number>
}
