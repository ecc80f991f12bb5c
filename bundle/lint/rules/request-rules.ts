import type { DataAction } from '../../definition/data-action.ts'
import type { Rule } from '../rule.ts'
import { headerOf } from '../templates.ts'

const URL_PATH = 'config.request.requestUrlTemplate'

export const insecureUrl: Rule = {
  id: 'insecure-url',
  severity: 'warning',
  title: 'A URL without TLS',
  why: 'What the action sends, credentials and all, can be read and changed on its way.',
  check: ({ action }) =>
    /^\s*http:/i.test(action.config.request.requestUrlTemplate ?? '') && !staysHere(action)
      ? [{ path: URL_PATH, message: 'the request goes out unencrypted', fix: 'use https://' }]
      : [],
}

/** A trial on one's own machine: nothing leaves it. */
function staysHere({ config: { request } }: DataAction): boolean {
  return /^\s*http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/|$)/i.test(
    request.requestUrlTemplate ?? '',
  )
}

export const urlWithoutHost: Rule = {
  id: 'url-without-host',
  severity: 'error',
  title: 'A Web Services action whose URL names no host',
  why: 'Genesys Cloud, Salesforce and the like know their own host. A Web Services integration has none: every URL has to be whole.',
  check: ({ action: { integrationType, config } }) =>
    integrationType === 'custom-rest-actions' && /^\s*\//.test(config.request.requestUrlTemplate ?? '')
      ? [
          {
            path: URL_PATH,
            message: 'the URL begins with a path, and a Web Services integration has no host to add to it',
            fix: 'write https:// and the host before it, or import it as a purecloud-data-actions action',
          },
        ]
      : [],
}

export const missingContentType: Rule = {
  id: 'missing-content-type',
  severity: 'warning',
  title: 'A body without a Content-Type',
  why: 'Many services refuse or misread a body whose type is not told. Only the integrations of one known service tell it by themselves.',
  check: ({ action, templates }) => {
    if (action.integrationType !== 'custom-rest-actions' || headerOf(action, 'Content-Type') !== undefined)
      return []
    const body = templates.find(({ role }) => role === 'body')
    if (!body || body.text.trim() === '' || action.config.request.requestType === 'DELETE') return []
    return [
      {
        path: 'config.request.headers',
        message: `a ${action.config.request.requestType} with a body, and no header says what it is`,
        fix: 'add "Content-Type": "application/json", or what the service reads',
      },
    ]
  },
}

export const userAgentName: Rule = {
  id: 'user-agent-name',
  severity: 'note',
  title: 'UserAgent is not User-Agent',
  why: 'A header named UserAgent, as in old samples of Genesys, tells no server who is calling: that header is User-Agent.',
  check: ({ action }) =>
    Object.keys(action.config.request.headers)
      .filter((name) => name.toLowerCase() === 'useragent')
      .map((name) => ({
        path: `config.request.headers.${name}`,
        message: `${name} is a header that servers do not know`,
        fix: 'name it User-Agent, or take it out',
      })),
}
