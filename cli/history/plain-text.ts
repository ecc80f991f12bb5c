import { stringify } from 'yaml'

/** What a terminal may take for an order, or not show at all; JSON escapes the first 32 itself. */
const UNSEEN = /[\u007f-\u009f\p{Cf}]/gu

/** JSON that reads back the same, with every character that a terminal does not show as its escape. */
export function plainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(UNSEEN, escapedUnits)
}

/** The same in YAML. */
export function plainYaml(value: unknown): string {
  const text = stringify(value).trimEnd()
  if (text.search(UNSEEN) < 0) return text
  const quoted = stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' })
  return quoted.trimEnd().replace(UNSEEN, escapedCharacter)
}

function escapedUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
    .join('')
}

/** YAML knows no surrogates. */
function escapedCharacter(character: string): string {
  return `\\U${hex(character.codePointAt(0) ?? 0, 8)}`
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
