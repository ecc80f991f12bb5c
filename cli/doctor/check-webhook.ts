import { describeAnswer } from '../webhook/answer.ts'
import type { Answer } from '../webhook/answer.ts'
import { printable } from '../webhook/printable.ts'
import type { HttpAnswer, NoAnswer } from './ask.ts'
import { fail, ok, warn } from './line.ts'
import type { Finding } from './line.ts'

const OWN_PROBLEM = /^urn:filter-ledger:problem:(.+)$/

/**
 * What an unsigned delivery was answered: our own receiver refuses it, and whatever else answers is in its place.
 * Nothing is kept of such a delivery.
 */
export function checkUnsigned(url: URL, answer: HttpAnswer | NoAnswer): Finding {
  if ('unreachable' in answer)
    return fail(
      answer.unreachable,
      `${answer.advice}; FILTER_LEDGER_PUBLIC_URL has to be what Genesys Cloud reaches`,
    )
  const problem = ownProblem(answer)
  return problem === undefined ? somethingElse(url, answer) : ourRefusal(url, problem, answer)
}

function ownProblem({ header, body }: HttpAnswer): string | undefined {
  const isProblem = header('content-type')?.startsWith('application/problem+json') === true
  const [, name] = OWN_PROBLEM.exec(typeof body['type'] === 'string' ? body['type'] : '') ?? []
  return isProblem && header('x-request-id') !== undefined ? name : undefined
}

function ourRefusal(url: URL, problem: string, { status }: HttpAnswer): Finding {
  const said = `${url.href}: our receiver answers ${status} ${printable(problem)}`
  switch (problem) {
    case 'signature-malformed':
    case 'signature-invalid':
      return isLocal(url)
        ? warn(
            `${said}, as it should; but only this machine reaches that address`,
            'for the real Genesys Cloud, FILTER_LEDGER_PUBLIC_URL has to be public',
          )
        : ok(`${said} to an unsigned delivery, as it should`)
    case 'source-not-permitted':
      return warn(
        `${said}: this machine is not among the source’s addresses`,
        'check that the addresses of Genesys Cloud are, and that FILTER_LEDGER_TRUST_PROXY names the proxy',
      )
    case 'not-found':
    case 'method-not-allowed':
      return fail(
        `${said}: it has no such source, or a proxy changes the path`,
        'check FILTER_LEDGER_PUBLIC_URL and FILTER_LEDGER_SUBSCRIPTION_SOURCE, and restart the receiver after a change',
      )
    case 'source-retired':
      return fail(`${said}: the source is retired`, 'name another one with FILTER_LEDGER_SUBSCRIPTION_SOURCE')
    case 'rate-limited':
      return warn(said, 'too many refused deliveries came from this address; try again in a minute')
    case 'media-type-unsupported':
    case 'request-malformed':
    case 'body-too-large':
      return fail(
        `${said}: a proxy changes what is sent`,
        'it has to pass body and headers through unchanged',
      )
    case 'keys-unavailable':
      return fail(`${said}: it has no keys to verify with`, 'see its log, and the keys of the source')
    default:
      return fail(said, 'see the log of the receiver')
  }
}

function somethingElse(url: URL, { status, header }: HttpAnswer): Finding {
  const server = header('server')
  const who = server === undefined ? '' : ` (server: ${printable(server)})`
  const said = `${url.href}: not our receiver answers, but something else with ${status}${who}`
  if (status >= 300 && status < 400)
    return fail(
      `${url.href} redirects to ${placeOf(header('location'), url)} (${status})`,
      'a sender does not follow: name the last URL in FILTER_LEDGER_PUBLIC_URL',
    )
  if (status >= 200 && status < 300)
    return fail(
      `${said}: it takes unsigned deliveries`,
      'another program has this URL: correct FILTER_LEDGER_PUBLIC_URL',
    )
  if (status === 401 || status === 403)
    return fail(said, 'a proxy or firewall asks for a login: let POST on /webhooks/ through to the receiver')
  if (status === 404 || status === 405)
    return fail(
      said,
      'the proxy does not forward this path to the receiver, or FILTER_LEDGER_PUBLIC_URL is another server’s',
    )
  if (status === 413 || status === 400)
    return fail(said, 'the proxy refuses what is sent: look at its limits')
  if (status >= 500)
    return fail(
      said,
      'the proxy does not reach the receiver: is it running, at the address that the proxy has?',
    )
  return fail(said, 'check FILTER_LEDGER_PUBLIC_URL, and what stands in front of the receiver')
}

/** Without path and query: they may hold what is nobody's business. */
function placeOf(location: string | undefined, url: URL): string {
  if (location === undefined || !URL.canParse(location, url.href)) return 'nowhere'
  return printable(new URL(location, url.href).origin)
}

function isLocal({ hostname }: URL): boolean {
  return /^(localhost|127\.|\[::1\]$)/.test(hostname)
}

/** What a signed test event was answered. */
export function checkSigned(eventId: string, source: string, answer: Answer): Finding {
  const said = describeAnswer(answer)
  if (answer.status === 202) return ok(`accepted and kept as event.unrecognised (event ${eventId})`)
  if (answer.problem === 'signature-invalid')
    return fail(
      said,
      `the receiver does not have its public half among the keys of the source ${source}, or the clocks differ: its log has the reason`,
    )
  if (answer.problem === 'keys-unavailable')
    return fail(
      said,
      `the receiver does not know this key, or cannot fetch the keys of the source ${source}: its log says which; after a new key, try again in 10 s`,
    )
  if (answer.problem === 'event-invalid')
    return fail(said, 'the source reads another format: see docs/webhooks.md')
  return fail(said, 'see the line `public-url`, and the log of the receiver')
}
