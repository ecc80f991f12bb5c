import { toolOf } from '../value.ts'
import { ofText } from './argument.ts'
import {
  formEncoded,
  htmlEscaped,
  javaEscaped,
  javascriptEscaped,
  jsonDecoded,
  jsonEncoded,
  sqlEscaped,
  uriEncoded,
  xmlEscaped,
} from './escape-text.ts'

/** `$esc`: VelocityTools' EscapeTool with what Genesys adds to it. Given no value, each of its methods gives none. */
export const escapeTool = toolOf({
  jsonEncode: ofText(jsonEncoded),
  // The older name of the same.
  jsonString: ofText(jsonEncoded),
  json: ofText(jsonEncoded),
  jsonDecode: ofText(jsonDecoded),
  // Genesys documents `url` as an alias of `urlFormEncode`.
  url: ofText(formEncoded),
  urlFormEncode: ofText(formEncoded),
  uriEncode: ofText(uriEncoded),
  html: ofText(htmlEscaped),
  xml: ofText(xmlEscaped),
  java: ofText(javaEscaped),
  javascript: ofText(javascriptEscaped),
  sql: ofText(sqlEscaped),
  ...signs({
    dollar: '$',
    hash: '#',
    quote: '"',
    singleQuote: "'",
    backslash: '\\',
    exclamation: '!',
    newline: '\n',
  }),
})

/** Each sign by its name, its first letter, and its Java getter: `$esc.quote`, `$esc.q`, `$esc.getQuote()`. */
function signs(named: Readonly<Record<string, string>>): Readonly<Record<string, string | (() => string)>> {
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, sign]): [string, string | (() => string)][] => [
      [name, sign],
      [name.slice(0, 1), sign],
      [`get${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, () => sign],
    ]),
  )
}
