import { existsSync, readFileSync } from 'node:fs'
import { exportJWK } from 'jose'
import { startTestReceiver } from '../../support/test-receiver.ts'
import { removeTempFolders } from '../../support/temp-ledger.ts'
import { ask, basic, form, makeClient, post, tokenOf } from './token-caller.ts'

afterAll(removeTempFolders)

const GRANT = form({ grant_type: 'client_credentials' })

describe('neither the log nor the ledger', () => {
  test('holds a secret or a token, of requests that are right, wrong, mixed up or broken', async () => {
    const client = await makeClient('architect')
    const receiver = await startTestReceiver({
      oauth: { findClient: (id) => (id === client.id ? client : undefined) },
    })
    const { url } = receiver
    const { secret } = client
    const token = tokenOf(await ask(url, client.id, secret))
    const tokens = [token, tokenOf(await post(url, GRANT, basic(client.id, secret)))]
    await ask(url, client.id, `${secret}x`)
    await ask(url, secret, client.id)
    await ask(url, secret, secret)
    await post(url, GRANT, basic(secret, client.id))
    await post(url, GRANT, { authorization: `Bearer ${secret}` })
    await post(url, GRANT, { authorization: `Basic ${secret}` })
    await post(url, GRANT, { 'x-api-key': secret })
    await post(url, `${GRANT}&client_secret=${secret}&client_secret=${secret}`)
    await post(url, `${GRANT}&${secret}=${secret}&client_secret=${secret}%zz`)
    await post(url, `grant_type=${secret}&scope=${secret}`, basic(client.id, secret))
    await post(url, `${GRANT}&scope=${secret}`, basic(client.id, secret))
    await post(url, JSON.stringify({ secret }), { 'content-type': `application/json; ${secret}` })
    await post(`${url}/oauth/token?client_secret=${secret}&x=`, '')
    const files = ['', '-wal', '-journal'].map((ending) => receiver.file + ending).filter(existsSync)
    const before = files.map((file) => readFileSync(file).toString('latin1')).join('')
    await receiver.close()
    const ledger = before + readFileSync(receiver.file).toString('latin1')
    expect(ledger).toContain(client.id)
    expect(ledger).toContain('token.issued')
    const { x: keyText = '' } = await exportJWK(receiver.tokenKey.publicKey)
    const parts = tokens.flatMap((each) => each.split('.').slice(1))
    const hidden = [
      secret,
      // A part of it is told by nobody either.
      secret.slice(5, 30),
      Buffer.from(`${client.id}:${secret}`).toString('base64'),
      client.hashes.current.toString('base64'),
      client.hashes.salt.toString('base64'),
      keyText,
      ...parts,
    ]
    const log = receiver.logged()
    expect(log.split('\n').filter(Boolean)).toHaveLength(15)
    expect(log).toContain(client.id)
    for (const text of hidden) {
      expect(log).not.toContain(text)
      expect(ledger).not.toContain(text)
    }
  })
})
