import type { Rule } from './rule.ts'
import { CONTRACT_RULES } from './rules/contract-rules.ts'
import { definition } from './rules/definition.ts'
import { unescapedJsonInput, unescapedUrlInput } from './rules/escape-rules.ts'
import {
  exportedName,
  missingActionType,
  missingIntegrationType,
  nameLength,
  timeoutRange,
} from './rules/identity-rules.ts'
import { optionalInputUnguarded, unusedInput } from './rules/input-rules.ts'
import { bodyNotJson, outputNotProduced, successNotJson } from './rules/json-rules.ts'
import { literalSecret } from './rules/literal-secret.ts'
import {
  defaultNotJson,
  defaultWithoutPath,
  pathSyntax,
  quotedTranslationVariable,
  unusedTranslation,
} from './rules/map-rules.ts'
import { insecureUrl, missingContentType, urlWithoutHost, userAgentName } from './rules/request-rules.ts'
import { templateSyntax, undefinedVariable } from './rules/template-rules.ts'

/** Every rule, in the order of its section in docs/data-action-lint.md. */
export const RULES: readonly Rule[] = [
  definition,
  missingActionType,
  missingIntegrationType,
  nameLength,
  exportedName,
  timeoutRange,
  ...CONTRACT_RULES,
  urlWithoutHost,
  insecureUrl,
  missingContentType,
  userAgentName,
  literalSecret,
  templateSyntax,
  undefinedVariable,
  optionalInputUnguarded,
  unusedInput,
  unescapedUrlInput,
  unescapedJsonInput,
  bodyNotJson,
  successNotJson,
  outputNotProduced,
  pathSyntax,
  defaultNotJson,
  defaultWithoutPath,
  quotedTranslationVariable,
  unusedTranslation,
]
