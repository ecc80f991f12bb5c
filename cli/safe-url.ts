import { isSafeUrl } from '../receiver/http/safe-url.ts'

/** The URL that a text is, when keys and secrets may travel over it; undefined for any other text. */
export function safeUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  return isSafeUrl(url) ? url : undefined
}
