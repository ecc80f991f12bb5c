/** Characters that take the place of two. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\u3000-\u303f\uff01-\uff60\u{12000}-\u{1254f}]/u

/** At most so many columns of a text, with an ellipsis where something is cut off; a wide character takes two. */
export function cutText(text: string, columns: number): string {
  let used = 0
  let kept = ''
  for (const character of text) {
    used += WIDE.test(character) ? 2 : 1
    if (used > columns) return `${shorter(kept, columns)}…`
    kept += character
  }
  return kept
}

/** The ellipsis takes a place too. */
function shorter(kept: string, columns: number): string {
  const characters = Array.from(kept)
  const width = characters.reduce((sum, each) => sum + (WIDE.test(each) ? 2 : 1), 0)
  return width < columns ? kept : characters.slice(0, -1).join('')
}
