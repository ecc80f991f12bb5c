/** The text is the other side's choice: no control character reaches a terminal, and no endless line. */
export function printable(text: string, maxLength = 400): string {
  return text.slice(0, maxLength).replace(/[\p{Cc}\p{Cf}]/gu, '?')
}
