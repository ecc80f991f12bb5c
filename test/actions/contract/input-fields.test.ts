import { IsIn, IsInt, IsNumber, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator'
import { inputFields } from '../../../actions/contract/input-fields.ts'
import { Told } from '../../../actions/contract/told.ts'
import { ACTION_CONTRACTS } from '../../../actions/data-actions/contracts.ts'
import { toFilterPayload } from '../../../actions/data-actions/deploy-filter.ts'
import { parseFilter } from '../../../actions/filter/filter-payload.ts'
import { readManifest } from '../../../cli/manifest.ts'

class Parent {
  @Told('of the parent')
  @IsOptional()
  @Matches(/^[a-z]{1,3}$/)
  last?: string
}

class Child extends Parent {
  @Told('a choice', { example: 'b' })
  @IsIn(['a', 'b'])
  choice!: string

  @Told('a text')
  @IsString()
  @Length(2, 9)
  text!: string

  @Told('a count')
  @IsInt()
  @Min(1)
  @Max(100)
  count!: number

  @Told('a share')
  @IsOptional()
  @IsNumber()
  share?: number

  @Told('ruled elsewhere', { type: 'boolean', required: false })
  elsewhere?: boolean
}

describe('the inputs of a DTO', () => {
  test('are read from its rules and words, its own before its parent\u2019s', () => {
    expect(inputFields(Child)).toEqual([
      {
        name: 'choice',
        type: 'string',
        required: true,
        description: 'a choice',
        example: 'b',
        enum: ['a', 'b'],
      },
      { name: 'text', type: 'string', required: true, description: 'a text', minLength: 2, maxLength: 9 },
      { name: 'count', type: 'integer', required: true, description: 'a count', minimum: 1, maximum: 100 },
      { name: 'share', type: 'number', required: false, description: 'a share' },
      { name: 'elsewhere', type: 'boolean', required: false, description: 'ruled elsewhere' },
      {
        name: 'last',
        type: 'string',
        required: false,
        description: 'of the parent',
        pattern: '^[a-z]{1,3}$',
      },
    ])
  })

  test('need words for each rule, and a type for each word', () => {
    class Untold {
      @IsString()
      text!: string
    }
    class Untyped {
      @Told('what is it?')
      text!: string
    }
    expect(() => inputFields(Untold)).toThrow('Untold says nothing of text')
    expect(() => inputFields(Untyped)).toThrow('no rule of Untyped.text says what type it has')
  })
})

describe('the contracts of the data actions', () => {
  test('are those of the manifest, no more and no fewer', () => {
    expect(Object.keys(ACTION_CONTRACTS).sort()).toEqual(
      readManifest()
        .actions.map(({ name }) => name)
        .sort(),
    )
  })

  test.each(Object.entries(ACTION_CONTRACTS))(
    '%s: each input has words, none has a reserved name',
    (_, { input }) => {
      for (const { name, description } of inputFields(input)) {
        expect(name).toMatch(/^[a-zA-Z][a-zA-Z0-9_-]*$/)
        expect(['orgId', 'integrationId', 'rawRequest']).not.toContain(name)
        expect(description).not.toBe('')
      }
    },
  )

  test('Deploy Safety Filter has an input for each field of the payload, and its examples deploy', () => {
    const contract = ACTION_CONTRACTS['deploy-filter']
    const fields = inputFields(contract?.input ?? Object).filter(
      ({ name }) => !['onConflict', 'requestId', 'reason', 'ticketRef', 'onBehalfOf'].includes(name),
    )
    const given = Object.fromEntries(
      fields.map(({ name, type, example }) => [name, example ?? (type === 'integer' ? 10 : 'a text')]),
    )
    expect(parseFilter(toFilterPayload(given))).toMatchObject({ ok: true })
    expect(Object.keys(given).sort()).toEqual(
      [
        ...['name', 'description', 'filterType', 'enabled', 'priority'],
        ...['contentCategories', 'blockAction', 'thresholds', 'falsePositiveTolerance'],
      ].sort(),
    )
  })
})
