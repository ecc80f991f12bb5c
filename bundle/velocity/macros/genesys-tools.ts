import { toolOf, type ToolMethod, type VelocityTool } from '../value.ts'
import { ofText, textArgument } from './argument.ts'
import { formEncoded } from './escape-text.ts'
import { escapeTool } from './escape-tool.ts'
import { mathTool } from './math-tool.ts'
import { successTemplateTool } from './success-template-tool.ts'

/**
 * `$urlTool.optionalQueryParam(name, value)`: `name=value`, both encoded as `$esc.url` does it; nothing for a value that is
 * none or empty. Genesys' pages name it as what escapes a query parameter; its exact text is assumed: no `?` or `&` before
 * or after, which the template writes.
 */
const optionalQueryParam: ToolMethod = ([name, value], budget) => {
  const key = textArgument(name, budget)
  if (key === undefined) return undefined
  const text = textArgument(value, budget) ?? ''
  return text === '' ? '' : `${formEncoded(key)}=${formEncoded(text)}`
}

/** The characters that Salesforce reserves in a search. */
const SALESFORCE_RESERVED = /[?&|!{}[\]()^~*:\\"'+-]/g

/** Every tool that a template of a data action can call, by the name that it has there. */
export const genesysTools: Readonly<Record<string, VelocityTool>> = {
  esc: escapeTool,
  encoding: toolOf({ base64: ofText((text) => Buffer.from(text, 'utf8').toString('base64')) }),
  math: mathTool,
  urlTool: toolOf({ optionalQueryParam }),
  successTemplateUtils: successTemplateTool,
  salesforce: toolOf({ escReserved: ofText((text) => text.replace(SALESFORCE_RESERVED, '\\$&')) }),
}
