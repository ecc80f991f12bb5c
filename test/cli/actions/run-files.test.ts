import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'
import { smallAction, TOKEN_ACTION } from '../../bundle/run/small-action.ts'
import { runCli } from '../run-cli.ts'

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
  removeTempFolders()
})

async function service(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = tempFolder()
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return folder
}

const run = (cwd: string, ...args: readonly string[]) =>
  runCli(['actions', 'run', 'a.custom.json', ...args], { cwd })

describe('actions run', () => {
  test('prints no token that it fetched, wherever the action puts it and the service repeats it', async () => {
    const token = 'tok+en/of "minutes"'
    const url = await service((request, response) => {
      const isToken = request.url === '/token'
      const echo = { order: { id: `${request.url ?? ''} ${token}` } }
      response.end(JSON.stringify(isToken ? { access_token: token, token_type: 'bearer' } : echo))
    })
    const withToken = smallAction({
      request: {
        requestUrlTemplate: `${url}/o?t=$esc.url(\${authResponse.access_token})`,
        requestType: 'POST',
        headers: { 'X-Session': '$encoding.base64(${authResponse.access_token})' },
        requestTemplate: '{"t": "$esc.jsonEncode(${authResponse.access_token})"}',
      },
    })
    const auth = { ...TOKEN_ACTION.config.request, requestUrlTemplate: `${url}/token` }
    const cwd = folderWith({
      'a.custom.json': withToken,
      'a.customAuth.json': { ...TOKEN_ACTION, config: { ...TOKEN_ACTION.config, request: auth } },
      'empty.json': {},
    })
    const env = { ID: 'an-id', SECRET: 'a "secret"' }
    const { code, out, err } = await runCli(
      [
        'actions',
        'run',
        'a.custom.json',
        '--credential',
        'id=env:ID',
        '--credential',
        'secret=env:SECRET',
      ].concat('--input-file', 'empty.json', '--explain', '--json'),
      { cwd, env },
    )
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('/o?t=(hidden)') })
    expect(JSON.parse(out)).toMatchObject({ result: { id: '/o?t=(hidden) (hidden)' } })
    expect(out + err).not.toMatch(/tok\+en|tok%2Ben|dG9rK2Vu/)
  })

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
