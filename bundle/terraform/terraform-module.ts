import { CREDENTIAL_FIELDS } from '../build/build-bundle.ts'
import type { ActionBundle, DataAction } from '../definition/data-action.ts'
import { expression, hclMembers, hclString, hclValue } from './hcl.ts'
import type { HclValue } from './hcl.ts'

/** The oldest provider with all of it, and with the mend for drafts and published versions (#1961). */
const PROVIDER_VERSION = '>= 1.83.0'

/**
 * The bundle as a Terraform module (CX as Code): one file a purpose, in the style of the public data-action modules.
 * Name of file to its text.
 */
export function terraformModule(bundle: ActionBundle): Readonly<Record<string, string>> {
  return {
    'provider.tf': PROVIDER_TF,
    'variables.tf': variables(bundle),
    'main.tf': main(bundle),
    'output.tf': outputs(bundle),
    'README.md': readme(bundle),
  }
}

const PROVIDER_TF = `terraform {
  required_version = ">= 1.3.0"
  required_providers {
    genesyscloud = {
      source  = "mypurecloud/genesyscloud"
      version = ${hclString(PROVIDER_VERSION)}
    }
  }
}
`

interface Variable {
  readonly name: string
  readonly type: 'string' | 'number'
  readonly description: string
  readonly fallback?: string | number
  readonly secret?: true
  readonly validation?: { readonly condition: string; readonly message: string }
}

/** `clientSecret` to `client_secret`. */
function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function secretVariables({ auth }: ActionBundle): readonly Variable[] {
  return CREDENTIAL_FIELDS[auth].map((field) => ({
    name: snake(field),
    type: 'string',
    description: `The receiver's ${snake(field).replaceAll('_', ' ')}, as Filter Ledger gave it out`,
    ...(field !== 'clientId' && { secret: true as const }),
  }))
}

function variables(bundle: ActionBundle): string {
  const all: readonly Variable[] = [
    {
      name: 'base_url',
      type: 'string',
      description: 'Where the receiver answers: https, without a slash at the end',
      fallback: bundle.baseUrl,
      validation: {
        condition: 'can(regex("^https?://[^/]+(/.*[^/])?$", var.base_url))',
        message: 'base_url is a URL without a slash at the end.',
      },
    },
    {
      name: 'integration_name',
      type: 'string',
      description: 'Name of the integration; flows find its actions under it',
      fallback: bundle.integrationName,
    },
    {
      name: 'timeout_seconds',
      type: 'number',
      description: 'How long Genesys Cloud waits for an answer',
      fallback: bundle.timeoutSeconds,
      validation: {
        condition: 'var.timeout_seconds >= 1 && var.timeout_seconds <= 60',
        message: 'timeout_seconds is 1 to 60.',
      },
    },
    ...secretVariables(bundle),
  ]
  return all.map(variable).join('\n')
}

function variable({ name, type, description, fallback, secret, validation }: Variable): string {
  const members: readonly (readonly [string, HclValue])[] = [
    ['type', expression(type)],
    ['description', description],
    ...(fallback === undefined ? [] : [['default', fallback] as const]),
    ...(secret ? [['sensitive', true] as const] : []),
  ]
  const rule =
    validation &&
    `\n\n  validation {\n${hclMembers(
      [
        ['condition', expression(validation.condition)],
        ['error_message', validation.message],
      ],
      '    ',
    )}\n  }`
  return `variable ${hclString(name)} {\n${hclMembers(members, '  ')}${rule ?? ''}\n}\n`
}

function main(bundle: ActionBundle): string {
  const fields = Object.fromEntries(
    CREDENTIAL_FIELDS[bundle.auth].map((field) => [field, expression(`var.${snake(field)}`)]),
  )
  const blocks = [
    block('genesyscloud_integration_credential', 'receiver', [
      ['name', expression('"${var.integration_name} credential"')],
      ['credential_type_name', bundle.auth === 'oauth' ? 'userDefinedOAuth' : 'userDefined'],
      ['fields', fields],
    ]),
    `resource "genesyscloud_integration" "receiver" {
  integration_type = "custom-rest-actions"
  intended_state   = "ENABLED"

  config {
    name = var.integration_name
    # The key is basicAuth whatever the credential's type: the platform's own name.
    credentials = {
      basicAuth = genesyscloud_integration_credential.receiver.id
    }
  }
}
`,
    ...(bundle.authAction ? [authBlock(bundle.authAction, bundle)] : []),
    ...bundle.actions.map((action) => actionBlock(action, bundle)),
  ]
  return blocks.join('\n')
}

function authBlock(action: DataAction, bundle: ActionBundle): string {
  const name = expression('"${var.integration_name} Token"')
  const head: readonly (readonly [string, HclValue])[] = [
    ['name', name],
    ['integration_id', expression('genesyscloud_integration.receiver.id')],
  ]
  return block('genesyscloud_integration_custom_auth_action', 'token', head, configBlocks(action, bundle))
}

function actionBlock(action: DataAction, bundle: ActionBundle): string {
  const { contract, secure } = action
  const head: readonly (readonly [string, HclValue])[] = [
    ['name', action.name],
    ['category', expression('genesyscloud_integration.receiver.config[0].name')],
    ['integration_id', expression('genesyscloud_integration.receiver.id')],
    ['secure', secure],
    ['config_timeout_seconds', expression('var.timeout_seconds')],
    ['contract_input', expression(`jsonencode(${hclValue(contract.input.inputSchema as HclValue, '  ')})`)],
    [
      'contract_output',
      expression(`jsonencode(${hclValue(contract.output.successSchema as HclValue, '  ')})`),
    ],
  ]
  return block('genesyscloud_integration_action', resourceName(action), head, configBlocks(action, bundle))
}

function configBlocks({ config: { request, response } }: DataAction, { baseUrl }: ActionBundle): string {
  const url = request.requestUrlTemplate ?? ''
  const asked: readonly (readonly [string, HclValue])[] = [
    ['request_type', request.requestType],
    ['request_url_template', urlOf(url, baseUrl)],
    ['headers', request.headers],
    ['request_template', request.requestTemplate],
  ]
  const answered: readonly (readonly [string, HclValue])[] = [
    ['translation_map', response.translationMap],
    ['translation_map_defaults', response.translationMapDefaults],
    ['success_template', response.successTemplate],
  ]
  return [
    `\n  config_request {\n${hclMembers(asked, '    ')}\n  }\n`,
    `\n  config_response {\n${hclMembers(answered, '    ')}\n  }\n`,
  ].join('')
}

/** The receiver's address is the module's to choose. */
function urlOf(template: string, baseUrl: string): HclValue {
  if (!template.startsWith(baseUrl)) return template
  const path = hclString(template.slice(baseUrl.length)).slice(1, -1)
  return expression(`"\${var.base_url}${path}"`)
}

function block(
  type: string,
  name: string,
  members: readonly (readonly [string, HclValue])[],
  inner = '',
): string {
  return `resource ${hclString(type)} ${hclString(name)} {\n${hclMembers(members, '  ')}\n${inner}}\n`
}

function outputs({ actions }: ActionBundle): string {
  const ids: readonly (readonly [string, HclValue])[] = actions.map((action) => [
    action.name,
    expression(`genesyscloud_integration_action.${resourceName(action)}.id`),
  ])
  return `output "integration_id" {
  description = "The integration"
  value       = genesyscloud_integration.receiver.id
}

output "action_ids" {
  description = "The id of each data action, by its name"
  value = ${hclValue(Object.fromEntries(ids), '  ')}
}
`
}

function resourceName({ name }: DataAction): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
}

function readme({ auth, integrationName, actions }: ActionBundle): string {
  const secrets = CREDENTIAL_FIELDS[auth].map((field) => `  ${snake(field).padEnd(13)} = var.${snake(field)}`)
  return `# ${integrationName}: data actions for Genesys Cloud

Written by \`filter-ledger actions terraform\`; write it again rather than edit it. It makes one Web Services Data Actions
integration with ${actions.length} actions. \`terraform fmt\` and \`terraform validate\` leave it as it is.

\`\`\`hcl
module "filter_ledger" {
  source        = "./terraform"
  base_url      = "https://filter-ledger.example.com"
${secrets.join('\n')}
}
\`\`\`

A contract that changes makes the provider drop an action and create it again **with a new id**: publish the flows that
call it again. Secrets end up in Terraform's state: keep that state where secrets may be.
`
}
