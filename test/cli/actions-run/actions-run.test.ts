import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { smallAction } from '../../bundle/run/small-action.ts'
import { runCli } from '../run-cli.ts'

afterAll(removeTempFolders)

function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = tempFolder()
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return folder
}

const run = (cwd: string, ...args: readonly string[]) =>
  runCli(['actions', 'run', 'a.custom.json', ...args], { cwd })

describe('actions run', () => {
  test('tells of a file of inputs, or of an answer, what is wrong with it, and where', async () => {
    const cwd = folderWith({ 'a.custom.json': smallAction(), 'cut.json': '{\n  "orderId":', 'list.json': [] })
    const refused = (err: string) => ({ code: 2, out: '', err: `filter-ledger: ${err}\n` })
    const told: readonly (readonly [args: readonly string[], err: string])[] = [
      [
        ['--input-file', 'cut.json'],
        '--input-file cut.json:2:13: the JSON ends too early: a value is expected',
      ],
      [['--input-file', 'no.json'], '--input-file no.json: there is no such file'],
      [['--input-file', '.'], '--input-file .: it is a folder: name a file'],
      [['--input-file', 'list.json'], 'the JSON inputs are a list: write an object, {"name": value}'],
      [['--response', 'no.json'], '--response no.json: there is no such file'],
      [['--response', '.'], '--response .: it is a folder: name a file'],
      [
        ['--credential', 'key=file:no.txt'],
        'there is no secret at no.txt: write it into a file of that name that you alone can read, or name another',
      ],
    ]
    for (const [args, err] of told) expect(await run(cwd, ...args)).toEqual(refused(err))
  })
})
