import type { Token } from '../json-tokens.ts'

const VALUE = 'a value'
const NAME = 'a name in double quotes'

/** What JSON allows after the tokens that stand before an offset, in words. They are right as far as that. */
export function expectedAt(tokens: readonly Token[], offset: number): string {
  const before = tokens.filter(({ at }) => at < offset).map(({ text }) => text)
  const last = before.at(-1)
  const open = openBracket(before)
  switch (last) {
    case undefined:
    case ':':
      return VALUE
    case '{':
      return `${NAME} or }`
    case '[':
      return `${VALUE} or ]`
    case ',':
      return open === '{' ? NAME : VALUE
    default:
      if (open === undefined) return 'the end of the file'
      if (open === '[') return 'a comma or ]'
      return isName(before) ? 'a colon' : 'a comma or }'
  }
}

/** Whether what is expected could begin with a double quote. */
export function opensText(expected: string): boolean {
  return expected.startsWith(VALUE) || expected.startsWith(NAME)
}

/** The innermost bracket that is not closed. */
function openBracket(before: readonly string[]): string | undefined {
  const open: string[] = []
  for (const text of before) {
    if (text === '{' || text === '[') open.push(text)
    if (text === '}' || text === ']') open.pop()
  }
  return open.at(-1)
}

/** In an object, a text after an opening bracket or a comma names a member. */
function isName(before: readonly string[]): boolean {
  const mark = before.at(-2)
  return (mark === '{' || mark === ',') && before.at(-1)?.startsWith('"') === true
}
