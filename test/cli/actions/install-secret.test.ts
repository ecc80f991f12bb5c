import { join } from 'node:path'
import { installSecret } from '../../../cli/install/install-secret.ts'
import { removeTempFolders, tempFolder } from '../../support/temp-ledger.ts'

afterAll(removeTempFolders)

const ENV = { FILTER_LEDGER_INSTALL_TOKEN: 'a-secret' }
const withId = (clientId: string) => () => installSecret({ auth: 'oauth', clientId }, ENV)

describe('the secret of an install', () => {
  test('goes with the client id that the receiver made', () => {
    expect(withId('architect-0123456789ab')()).toEqual({
      secret: 'a-secret',
      clientId: 'architect-0123456789ab',
    })
  })

  test.each(['a\nb', 'a b', ' a', 'a:b', 'é'])('goes with no id that no client has: %j', (clientId) => {
    expect(withId(clientId)).toThrow(/^--client-id takes the id alone/)
  })

  test('is called by its name when its file is not there', () => {
    const tokenFile = join(tempFolder(), 'none')
    expect(() => installSecret({ auth: 'api-key', tokenFile }, {})).toThrow(
      `there is no secret at ${tokenFile}: write the API key into it`,
    )
  })
})
