import { jsonTree } from '../../../cli/filter-files/json-tree.ts'

describe('of a text that is no JSON, it is told what was expected', () => {
  test.each([
    ['', 'ends too early: a value is expected'],
    ['{', 'ends too early: a name in double quotes or } is expected'],
    ['{"a": 1', 'ends too early: a comma or } is expected'],
    ['[1', 'ends too early: a comma or ] is expected'],
    ['{"a" 1}', 'cannot stand here in JSON: a colon is expected'],
    ['{"a": 1 "b": 2}', 'cannot stand here in JSON: a comma or } is expected'],
    ['{"a": }', 'cannot stand here in JSON: a value is expected'],
    ['{"a": ["x" "y"]}', 'cannot stand here in JSON: a comma or ] is expected'],
    ['{a: 1}', 'cannot stand here in JSON: a name in double quotes or } is expected'],
    ['{"a": 1, b: 2}', 'cannot stand here in JSON: a name in double quotes is expected'],
    ['{} {}', 'cannot stand here in JSON: the end of the file is expected'],
    ['{"a": "x\ny"}', 'this text is not closed on its line'],
    ['{"a": 1,}', 'a comma before a closing bracket'],
  ])('%j: %s', (text, message) => {
    expect(jsonTree(text).faults).toEqual([
      { at: expect.any(Number), message: expect.stringContaining(message) },
    ])
  })
})
