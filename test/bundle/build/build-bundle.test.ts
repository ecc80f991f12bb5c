import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { fillPage } from '../../../bundle/build/fill-page.ts'
import { BundleError } from '../../../bundle/bundle-error.ts'
import type { DataAction } from '../../../bundle/definition/data-action.ts'
import { madeParts } from '../../../cli/bundle/made-parts.ts'
import { manifest, ourBundle, ourFiles, sources } from './sources.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const EXAMPLES = join(ROOT, 'examples', 'data-actions')

describe('what is built', () => {
  test('is what examples/data-actions holds, byte for byte: `actions build` writes it again', () => {
    const files = ourFiles()
    const written = readdirSync(EXAMPLES, { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(EXAMPLES.length + 1))
    expect(written.sort()).toEqual(Object.keys(files).sort())
    for (const [name, text] of Object.entries(files))
      expect({ name, text: readFileSync(join(EXAMPLES, name), 'utf8') }).toEqual({ name, text })
  })

  test('is what docs/actions.md says: `actions build --page` makes its tables again', () => {
    const page = readFileSync(join(ROOT, 'docs', 'actions.md'), 'utf8')
    expect(fillPage(page, madeParts(manifest, sources))).toBe(page)
    for (const { name } of sources) expect(page).toContain(`<!-- made: ${name} -->`)
  })

  test('has the members of each definition in the order of a UI export', () => {
    for (const action of ourBundle().actions) {
      expect(Object.keys(action)).toEqual([
        'name',
        'integrationType',
        'actionType',
        'config',
        'contract',
        'secure',
      ])
      expect(Object.keys(action.config.request)).toEqual([
        'requestUrlTemplate',
        'requestType',
        'headers',
        'requestTemplate',
      ])
      expect(Object.keys(action.config.response)).toEqual([
        'translationMap',
        'translationMapDefaults',
        'successTemplate',
      ])
    }
  })

  test.each([
    ['bearer', 'Authorization', 'Bearer ${credentials.token}'],
    ['api-key', 'x-api-key', '${credentials.apiKey}'],
    ['oauth', 'Authorization', '${authResponse.token_type} ${authResponse.access_token}'],
  ] as const)('%s: every action proves who it is by %s', (auth, header, value) => {
    const { actions, authAction } = ourBundle(auth)
    for (const { config } of actions) expect(config.request.headers).toMatchObject({ [header]: value })
    expect(authAction === undefined).toBe(auth !== 'oauth')
  })

  test('maps every output of a contract, with a default that is JSON of its type', () => {
    for (const { config, contract } of ourBundle().actions) {
      const { translationMap, translationMapDefaults, successTemplate } = config.response
      const { properties } = contract.output.successSchema as { properties: Record<string, { type: string }> }
      expect(Object.keys(translationMap)).toEqual(Object.keys(properties))
      const rendered = successTemplate.replaceAll(
        /\$\{(\w+)\}/g,
        (_, name: string) => translationMapDefaults[name] ?? '',
      )
      const types = Object.entries(JSON.parse(rendered) as object).map(([name, value]: [string, unknown]) => [
        name,
        Array.isArray(value) ? 'array' : typeof value,
      ])
      expect(types).toEqual(
        Object.entries(properties).map(([name, { type }]) => [name, type === 'integer' ? 'number' : type]),
      )
    }
  })

  test('tells in OpenAPI what the contract leaves out: limits, choices, and what an unset input may be', () => {
    const document = JSON.parse(ourFiles()['openapi.json'] ?? '') as {
      openapi: string
      paths: Record<
        string,
        { post: { requestBody: { content: Record<string, { schema: DataActionSchema }> } } }
      >
    }
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual([...sources.map(({ path }) => path), '/oauth/token'])
    const { schema } =
      document.paths['/actions/record-block']?.post.requestBody.content['application/json'] ?? {}
    expect(schema?.properties).toMatchObject({
      score: { type: 'number', minimum: 0, maximum: 1 },
      direction: { enum: ['input', 'output'] },
      channel: {
        anyOf: [{ type: 'string', maxLength: 64 }, { type: 'null' }, { const: '' }, { const: 'NOT_SET' }],
      },
    })
  })

  test('tells in OpenAPI which actions take a batch', () => {
    const document = JSON.parse(ourFiles()['openapi.json'] ?? '') as {
      paths: Record<string, { post: { description?: string; requestBody: { content: object } } }>
    }
    const taking = Object.entries(document.paths).filter(
      ([, { post }]) => 'application/x-ndjson' in post.requestBody.content,
    )
    expect(taking.map(([path]) => path)).toEqual([
      '/actions/record-block',
      '/actions/record-evaluations',
      '/actions/report-verdict',
    ])
    for (const [, { post }] of taking) expect(post.description).toMatch(/Up to 1,000 inputs/)
  })

  test('gives each action a step with every input and every output', () => {
    for (const [name, text] of Object.entries(ourFiles()).filter(([file]) => file.startsWith('steps/'))) {
      const source = sources.find((each) => name === `steps/${each.name}.yaml`)
      const [step] = parse(text) as [
        { callData: { name: string; category: Record<string, { dataAction: Calls }> } },
      ]
      const call = step.callData.category['Filter Ledger']?.dataAction[source?.title ?? '']
      expect(Object.keys(call?.successOutputs ?? {})).toEqual(Object.keys(source?.contract.output ?? {}))
      const action = ourBundle().actions.find((each: DataAction) => each.name === source?.title)
      const { properties } = action?.contract.input.inputSchema as unknown as DataActionSchema
      expect(Object.keys(call?.inputs ?? {})).toEqual(Object.keys(properties))
      expect(Object.keys(call?.failureOutputs ?? {})).toHaveLength(13)
    }
  })
})

type Calls = Record<string, { inputs: object; successOutputs: object; failureOutputs: object }>
interface DataActionSchema {
  readonly properties: Record<string, object>
}

describe('filling a page', () => {
  test('replaces what stands between the marks, and is the same when done twice', () => {
    const page = 'a\n<!-- made: x -->\nold\n<!-- end -->\nb $& $1\n'
    const filled = fillPage(page, { x: 'new $& $1' })
    expect(filled).toBe('a\n<!-- made: x -->\n\nnew $& $1\n\n<!-- end -->\nb $& $1\n')
    expect(fillPage(filled, { x: 'new $& $1' })).toBe(filled)
  })

  test.each([
    ['<!-- made: y -->\n<!-- end -->', 'nothing is made for the mark "y"'],
    ['<!-- made: constructor -->\n<!-- end -->', 'nothing is made for the mark "constructor"'],
    ['<!-- made: x -->\nno end', 'has no `<!-- end -->`'],
  ])('refuses %j', (page, words) => {
    expect(() => fillPage(page, { x: '' })).toThrow(BundleError)
    expect(() => fillPage(page, { x: '' })).toThrow(words)
  })
})
