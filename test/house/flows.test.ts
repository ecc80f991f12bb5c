import { FAILURE_OUTPUTS } from '../../bundle/definition/failure-outputs.ts'
import 'reflect-metadata'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ActionContract } from '../../actions/contract/action-contract.ts'
import { inputFields } from '../../actions/contract/input-fields.ts'
import { ACTION_CONTRACTS } from '../../actions/data-actions/contracts.ts'
import { DEFAULT_NAME } from '../../cli/bundle/build-options.ts'
import { readManifest } from '../../cli/manifest.ts'
import {
  actionTypes,
  allOf,
  callsOf,
  declaredVariables,
  definedRefs,
  expressionsOf,
  functionsOf,
  imbalance,
  membersOf,
  nodeOf,
  usedRefs,
  usedVariables,
} from '../support/archy-flow.ts'

const FOLDER = fileURLToPath(new URL('../../examples/flows/', import.meta.url))
const CATEGORY = DEFAULT_NAME

/** What public flows of these two types have; `processingPrompt` only those of calls and common modules. */
const CALL_KEYS = ['name', 'timeout', 'category', 'outputs']

/** Action types that occur in public flows. */
const ACTION_TYPES = [
  ...['callData', 'callTask', 'changeState', 'decision', 'disconnect', 'endTask', 'endWorkflow'],
  ...['getParticipantData', 'loop', 'loopExit', 'loopNext', 'sendResponse', 'setParticipantData', 'switch'],
  ...['transferToAcd', 'updateData', 'wait'],
]

/** Functions that expressions of public flows call. */
const FUNCTIONS = ['Append', 'IsNotSetOrEmpty', 'Lower', 'ToInt']

const read = (file: string): unknown => parse(readFileSync(join(FOLDER, file), 'utf8'))
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))
const flows = files.map((file) => ({ file, flow: read(file) }))
const calls = flows.flatMap(({ file, flow }) => callsOf(flow).map((call) => ({ file, flow, call })))

const contracts = new Map<string, ActionContract>(
  readManifest().actions.flatMap(({ name, title }) => {
    const contract = ACTION_CONTRACTS[name]
    return contract ? [[title, contract]] : []
  }),
)

function contractOf(title: string | undefined): ActionContract {
  const contract = contracts.get(title ?? '')
  if (!contract) throw new Error(`no data action has the title ${title ?? ''}`)
  return contract
}

/** Bindings that are not exactly one of the ways in which one may be written. */
function misbound(bindings: Readonly<Record<string, unknown>>, ways: readonly string[]): readonly string[] {
  return Object.entries(bindings).flatMap(([name, binding]) => {
    const [way = '', ...more] = Object.keys(nodeOf(binding))
    const plain = more.length === 0 && ways.includes(way)
    return plain && (way !== 'noValue' || nodeOf(binding)['noValue'] === true) ? [] : [name]
  })
}

test('there are two example flows, and between them they call three data actions', () => {
  expect(files).toEqual(['deploy-filter-with-approval.yaml', 'record-block-message-flow.yaml'])
  expect(calls.map(({ call }) => call.actions)).toEqual([
    ['Deploy Safety Filter'],
    ['Get Deployment'],
    ['Record Filter Block'],
  ])
})

describe.each(calls)('$file, $call.actions', ({ flow, call }) => {
  const contract = contractOf(call.actions[0])
  const fields = inputFields(contract.input)

  test('has the keys of a real export, and the category of the integration', () => {
    expect(call.keys).toEqual(CALL_KEYS)
    expect(call.categories).toEqual([CATEGORY])
  })

  test('binds every input of the contract and no other, the required ones to a value', () => {
    expect(Object.keys(call.inputs).sort()).toEqual(fields.map(({ name }) => name).sort())
    expect(misbound(call.inputs, ['exp', 'lit', 'noValue'])).toEqual([])
    const required = fields.filter((field) => field.required).map(({ name }) => name)
    expect(required.filter((name) => 'noValue' in nodeOf(call.inputs[name]))).toEqual([])
  })

  test('gives literals that the contract takes', () => {
    for (const { name, type, enum: allowed } of fields) {
      const { lit } = nodeOf(call.inputs[name])
      if (lit === undefined) continue
      expect({ name, type: typeof lit }).toEqual({ name, type: type === 'integer' ? 'number' : type })
      if (allowed)
        expect({ name, allowed }).toEqual({ name, allowed: expect.arrayContaining([lit]) as unknown })
    }
  })

  test('binds every output of the contract, all 13 of a failure, and no other', () => {
    expect(Object.keys(call.successOutputs).sort()).toEqual(Object.keys(contract.output).sort())
    expect(Object.keys(call.failureOutputs)).toEqual(FAILURE_OUTPUTS)
    expect(misbound(call.successOutputs, ['var', 'noValue'])).toEqual([])
    expect(misbound(call.failureOutputs, ['var', 'noValue'])).toEqual([])
  })

  test('does something on each of the three paths', () => {
    expect(Object.keys(call.paths)).toEqual(['success', 'failure', 'timeout'])
    expect(Object.values(call.paths).filter((types) => types.length === 0)).toEqual([])
  })

  test('writes its outputs into variables of their types', () => {
    const types = { string: 'string', integer: 'integer', number: 'decimal', boolean: 'boolean' }
    const variables = new Map(
      membersOf(flow).map(({ key, value }) => [nodeOf(value)['name'], key.replace(/Variable$/, '')]),
    )
    for (const [name, [type]] of Object.entries(contract.output)) {
      const variable = nodeOf(call.successOutputs[name])['var']
      if (variable === undefined) continue
      const expected = type === 'texts' ? 'stringCollection' : types[type]
      expect({ name, type: variables.get(variable) }).toEqual({ name, type: expected })
    }
  })
})

describe.each(flows)('$file', ({ flow }) => {
  test('declares each variable once, and uses exactly those', () => {
    const declared = declaredVariables(flow)
    expect(new Set(declared).size).toBe(declared.length)
    expect([...usedVariables(flow)].sort()).toEqual([...declared].sort())
  })

  test('has expressions whose quotes, parentheses and brackets balance', () => {
    const wrong = expressionsOf(flow).flatMap((text) => {
      const fault = imbalance(text)
      return fault === undefined ? [] : [{ text, fault }]
    })
    expect(expressionsOf(flow).length).toBeGreaterThan(5)
    expect(wrong).toEqual([])
  })

  test('uses only action types and functions that public flows have', () => {
    const types = allOf(flow, 'actions').flatMap(actionTypes)
    expect(types.filter((type) => !ACTION_TYPES.includes(type))).toEqual([])
    expect([...functionsOf(flow)].filter((name) => !FUNCTIONS.includes(name))).toEqual([])
  })

  test('goes to every state and task that it has, and to no other', () => {
    expect([...usedRefs(flow)].sort()).toEqual([...definedRefs(flow)].sort())
  })
})

describe('deploy-filter-with-approval.yaml', () => {
  const flow = read('deploy-filter-with-approval.yaml')
  const [initial = []] = allOf(flow, 'actions')

  test('decides on the approval before anything else, and ends without one', () => {
    expect(actionTypes(initial)).toEqual(['decision', 'callData'])
    const [refusal] = allOf(initial, 'decision').map(nodeOf)
    expect(refusal?.['condition']).toEqual({
      exp: ['approvedBy', 'ticketRef', 'requestId']
        .map((name) => `IsNotSetOrEmpty(Flow.${name})`)
        .join(' or '),
    })
    expect(actionTypes(allOf(refusal, 'actions')[0])).toEqual(['updateData', 'endWorkflow'])
  })

  test('says who approved it, by which ticket, and under which id it may be asked again', () => {
    const [deploy, ask] = callsOf(flow)
    expect(deploy?.inputs).toMatchObject({
      onBehalfOf: { exp: 'Flow.approvedBy' },
      ticketRef: { exp: 'Flow.ticketRef' },
      requestId: { exp: 'Flow.requestId' },
    })
    expect(ask?.inputs).toEqual({ deploymentId: { noValue: true }, requestId: { exp: 'Flow.requestId' } })
  })

  test('asks how it stands after a failure and after a timeout, in a loop that ends', () => {
    const [deploy] = allOf(flow, 'callData').map(nodeOf)
    const asking = '/workflow/states/state[Ask_20]'
    const { failure, timeout } = nodeOf(deploy?.['outputs'])
    expect(allOf(failure, 'targetStateRef')).toEqual([asking])
    expect(allOf(timeout, 'targetStateRef')).toEqual([asking])
    const [loop] = allOf(flow, 'loop').map(nodeOf)
    expect(loop?.['loopCount']).toEqual({ lit: 10 })
    expect(actionTypes(allOf(loop, 'actions')[0])).toEqual(['wait', 'callData'])
  })

  test('has an outcome for every status that the two actions may answer', () => {
    const told = allOf(flow, 'case').map((one) => nodeOf(nodeOf(one)['value'])['lit'])
    const statuses = ['Deploy Safety Filter', 'Get Deployment'].flatMap((title) =>
      Object.keys(contractOf(title).statuses),
    )
    // A deployment never ends as removed; it would be told as unexpected.
    const expected = new Set([...statuses.filter((status) => status !== 'removed'), 'no_answer'])
    expect([...told].sort()).toEqual([...expected].sort())
  })

  test('gives its caller what became of it', () => {
    const outputs = membersOf(flow).flatMap(({ value }) =>
      nodeOf(value)['isOutput'] === true ? [nodeOf(value)['name']] : [],
    )
    expect(outputs).toEqual(expect.arrayContaining(['Flow.outcome', 'Flow.errorCode', 'Flow.deploymentId']))
  })
})

describe('record-block-message-flow.yaml', () => {
  const flow = nodeOf(read('record-block-message-flow.yaml'))['inboundShortMessage']
  const { states, tasks } = nodeOf(flow)

  test('hands self-harm to a person after the record, whatever became of that', () => {
    const [danger] = allOf(states, 'decision').map(nodeOf)
    expect(danger?.['condition']).toEqual({ exp: 'Lower(Flow.category) == "self_harm"' })
    const yes = nodeOf(nodeOf(danger?.['outputs'])['yes'])['actions']
    expect(actionTypes(yes)).toEqual(['sendResponse', 'callTask', 'transferToAcd', 'transferToAcd'])
  })

  test('never stops or hands over the customer within the record', () => {
    const types = allOf(tasks, 'actions').flatMap(actionTypes)
    expect([...new Set(types)].sort()).toEqual(
      ['callData', 'decision', 'endTask', 'setParticipantData', 'updateData'].sort(),
    )
    expect(actionTypes(allOf(tasks, 'actions')[0])).toEqual(['decision', 'setParticipantData', 'endTask'])
  })

  test('goes on in a queue for every other category', () => {
    const [danger] = allOf(states, 'decision').map(nodeOf)
    const no = nodeOf(nodeOf(danger?.['outputs'])['no'])['actions']
    expect(actionTypes(no)).toEqual(['decision', 'transferToAcd'])
    expect(allOf(no, 'targetTaskRef')).toEqual(['/inboundShortMessage/tasks/task[Record_20]'])
  })

  test('says so where no queue took the conversation', () => {
    const [outer] = allOf(states, 'actions')
    expect(actionTypes(outer)).toEqual(['getParticipantData', 'decision', 'sendResponse', 'disconnect'])
  })

  test('hands over when one of its own expressions fails', () => {
    expect(nodeOf(nodeOf(flow)['settingsErrorHandling'])['errorHandling']).toHaveProperty('queue')
  })
})
