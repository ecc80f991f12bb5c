/**
 * Where in a JSON source a character of a text stands: `opening` is the offset of the text's opening quote, `at` counts
 * UTF-16 units of the text as it is read, for an escape such as `\n` is one of them and takes two of the source or six.
 */
export function textOffset(source: string, opening: number, at: number): number {
  let offset = opening + 1
  for (let units = 0; units < at && offset < source.length; units++) {
    if (source[offset] !== '\\') offset += 1
    else offset += source[offset + 1] === 'u' ? 6 : 2
  }
  return offset
}
