/** A text that others chose, as one line: nothing in it moves a cursor or turns the writing around. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}
