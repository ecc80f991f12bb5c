import type { DeployOutcome } from '../../actions/pipeline/deploy-outcome.ts'
import type { RecordResult } from '../../actions/data-actions/record-entry.ts'
import type { ReceiverAccess } from '../export/receiver-at.ts'
import type { MetricsSummary } from '../../ledger/metrics/metrics-summary.ts'

/** The receiver as its users see it: over HTTP, with a bearer token. */
export interface ReceiverClient {
  readonly deploy: (input: object) => Promise<DeployOutcome>
  readonly recordBlock: (input: object) => Promise<RecordResult>
  readonly reportVerdict: (input: object) => Promise<RecordResult>
  readonly metrics: () => Promise<MetricsSummary>
  /** Entries in the ledger. */
  readonly size: () => Promise<number>
  /** Where it is, and the token to call it with. */
  readonly access: ReceiverAccess
  /** The status of a webhook sent with this signature. */
  readonly sendWebhook: (body: Uint8Array, signature: string | undefined) => Promise<number>
}

/** Calls a receiver as a Web Services data action does: JSON body, bearer token, correlation id. */
export function receiverClient(url: string, token: string): ReceiverClient {
  const authorization = `Bearer ${token}`
  const action = async <T>(name: string, input: object): Promise<T> => {
    const response = await fetch(`${url}/actions/${name}`, {
      method: 'POST',
      headers: {
        authorization,
        'content-type': 'application/json',
        'inin-correlation-id': crypto.randomUUID(),
      },
      body: JSON.stringify(input),
    })
    if (response.status !== 200)
      throw new Error(`${name} was answered with ${response.status}: ${await response.text()}`)
    return (await response.json()) as T
  }
  const read = async (path: string): Promise<Response> => {
    const response = await fetch(url + path, { headers: { authorization } })
    if (response.status !== 200) throw new Error(`${path} was answered with ${response.status}`)
    return response
  }
  return {
    deploy: (input) => action('deploy-filter', input),
    recordBlock: (input) => action('record-block', input),
    reportVerdict: (input) => action('report-verdict', input),
    metrics: async () => (await (await read('/metrics/filters')).json()) as MetricsSummary,
    size: async () =>
      ((await (await read('/ledger/entries?limit=1')).json()) as { readonly size: number }).size,
    access: { url, token },
    sendWebhook: async (body, signature) => {
      const headers = {
        'content-type': 'application/json',
        ...(signature !== undefined && { 'x-genesys-signature': signature }),
      }
      const response = await fetch(`${url}/webhooks/genesys`, { method: 'POST', headers, body })
      await response.arrayBuffer()
      return response.status
    },
  }
}
