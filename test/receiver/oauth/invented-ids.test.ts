import { clientAuthentication } from '../../../receiver/oauth/authenticate-client.ts'
import { TokenRefusal } from '../../../receiver/oauth/token-refusal.ts'
import { makeClient } from './token-caller.ts'

describe('ids that a guesser invents', () => {
  test('push nothing out of memory that is remembered of a client', async () => {
    const client = await makeClient('architect')
    const authenticate = clientAuthentication({
      findClient: (id) => (id === client.id ? client : undefined),
      // Never right, and at once.
      hashSecret: () => Promise.resolve(Buffer.alloc(32)),
      now: () => new Date(),
      clockMs: () => 0,
    })
    const guess = (clientId: string): Promise<string> =>
      authenticate({ clientId, secret: 'wrong', address: '203.0.113.7' }).then(
        () => 'right',
        (error: unknown) => (error instanceof TokenRefusal ? error.code : 'unexpected'),
      )
    for (let i = 0; i < 5; i++) expect(await guess(client.id)).toBe('secret-wrong')
    for (let i = 0; i < 10_001; i++) expect(await guess(`invented-${i}`)).toBe('client-unknown')
    expect(await guess(client.id)).toBe('locked-out')
  })
})
