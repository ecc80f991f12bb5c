/** The text is the other side's choice: no control character reaches a terminal, and no endless line. */
export function printable(text: string): string {
  return text.slice(0, 400).replace(/[\p{Cc}\p{Cf}]/gu, '?')
}
