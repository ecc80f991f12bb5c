import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { array, constantFrom, dictionary, sample, string } from 'fast-check'
import type { BundleAuth } from '../../../bundle/definition/data-action.ts'
import { hclMembers } from '../../../bundle/terraform/hcl.ts'
import { terraformModule } from '../../../bundle/terraform/terraform-module.ts'
import { ourBundle } from '../build/sources.ts'

interface Module {
  readonly resource: Readonly<Record<string, Readonly<Record<string, readonly Resource[]>>>>
}

interface Resource {
  readonly [member: string]: unknown
  readonly config_request: readonly Readonly<Record<string, unknown>>[]
  readonly config_response: readonly Readonly<Record<string, unknown>>[]
}

const PARSER = fileURLToPath(new URL('../../support/hcl-to-json.js', import.meta.url))

/** Files as HashiCorp's own parser reads them. It leaves templates as they are written: `$${` is a literal `${`. */
function read(files: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const input = JSON.stringify(files)
  return JSON.parse(execFileSync(process.execPath, [PARSER], { input, encoding: 'utf8' })) as never
}

function literal(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('$${', '${').replaceAll('%%{', '%{')) as unknown
}

const AUTHS: readonly BundleAuth[] = ['oauth', 'bearer', 'api-key']
const modules = AUTHS.map((auth) => [auth, terraformModule(ourBundle(auth))] as const)
// One process for all of them: it takes seconds to start.
const parsed = read(
  Object.fromEntries(
    modules.flatMap(([auth, files]) =>
      Object.entries(files)
        .filter(([name]) => name.endsWith('.tf'))
        .map(([name, text]) => [`${auth}/${name}`, text]),
    ),
  ),
)

describe('the Terraform module', () => {
  test.each(AUTHS)('%s: holds what the definitions hold', (auth) => {
    const bundle = ourBundle(auth)
    const { resource } = parsed[`${auth}/main.tf`] as Module
    const actions = resource['genesyscloud_integration_action'] ?? {}
    expect(Object.keys(actions)).toHaveLength(bundle.actions.length)
    for (const { name, config } of bundle.actions) {
      const [written] = actions[name.toLowerCase().replaceAll(' ', '_')] ?? []
      const { requestUrlTemplate = '', requestType, headers, requestTemplate } = config.request
      expect(written?.['name']).toBe(name)
      expect(literal(written?.config_request[0])).toEqual({
        request_type: requestType,
        request_url_template: requestUrlTemplate.replace(bundle.baseUrl, '${var.base_url}'),
        headers,
        request_template: requestTemplate,
      })
      expect(literal(written?.config_response[0])).toEqual({
        translation_map: config.response.translationMap,
        translation_map_defaults: config.response.translationMapDefaults,
        success_template: config.response.successTemplate,
      })
      // Unescaped, Terraform would look for a resource called `input`.
      expect(JSON.stringify(written?.config_request)).not.toMatch(
        /[^$]\$\{(?:input|credentials|authResponse)/,
      )
    }
    expect(Object.keys(resource['genesyscloud_integration_custom_auth_action'] ?? {})).toHaveLength(
      auth === 'oauth' ? 1 : 0,
    )
  })

  test('declares every variable that it uses, and holds no secret', () => {
    for (const [auth, files] of modules) {
      const used = [...(files['main.tf'] ?? '').matchAll(/var\.(\w+)/g)].map(([, name]) => name)
      const { variable } = parsed[`${auth}/variables.tf`] as {
        variable: Record<string, [{ sensitive?: boolean }]>
      }
      expect([...new Set(used)].sort()).toEqual(Object.keys(variable).sort())
      const secrets = Object.entries(variable).filter(([, [{ sensitive }]]) => sensitive === true)
      expect(secrets.map(([name]) => name)).toEqual(
        { oauth: ['client_secret'], bearer: ['token'], 'api-key': ['api_key'] }[auth],
      )
    }
  })

  test('names every action among its outputs', () => {
    const { output } = parsed['oauth/output.tf'] as {
      output: { action_ids: [{ value: Record<string, string> }] }
    }
    const names = ourBundle().actions.map(({ name }) => name)
    expect(Object.keys(output.action_ids[0].value).sort()).toEqual(names.sort())
  })
})

describe('a text in HCL', () => {
  test('is read as it was, whatever it holds', () => {
    const pieces = constantFrom(
      '${',
      '$${',
      '%{',
      '"',
      '\\',
      '\n',
      '\t',
      '\b',
      '\f',
      '$',
      'é',
      '😀',
      'x',
      '\u2028',
    )
    const texts = array(pieces).map((parts) => parts.join(''))
    const all = sample(dictionary(string({ minLength: 1, maxLength: 5 }), texts), 200)
    const files = all.map((members, index): [string, string] => [
      `${index}.tf`,
      `locals {\n  all = {\n${hclMembers(Object.entries(members), '    ')}\n  }\n}\n`,
    ])
    const readBack = read(Object.fromEntries(files))
    for (const [index, members] of all.entries()) {
      const [{ all: back }] = (readBack[`${index}.tf`] as { locals: [{ all?: object }] }).locals
      expect(literal(back ?? {})).toEqual(members)
    }
  })
})
