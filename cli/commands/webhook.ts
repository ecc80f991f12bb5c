import { Command } from 'commander'
import { keygenCommand } from './webhook/keygen.ts'
import { listenCommand } from './webhook/listen.ts'
import { sendCommand } from './webhook/send.ts'

/** The sender's side of a webhook: to connect one, to try a receiver, and to attack it. */
export function webhookCommand(): Command {
  const webhook = new Command('webhook').description(
    'sign, send and verify webhooks, and try what a receiver withstands',
  )
  webhook.addCommand(sendCommand())
  webhook.addCommand(listenCommand())
  webhook.addCommand(keygenCommand())
  return webhook
}
