import type { JsonValue } from '../../bundle/definition/data-action.ts'
import type { RunReport, RunStep } from '../../bundle/run/run-report.ts'

/** The steps of a run for a person: what each made, and where it ended. */
export function explainSteps(steps: readonly RunStep[]): string {
  return steps
    .map(({ name, success, result, error }, index) => {
      const head = `${index + 1}. ${success ? 'ok    ' : 'FAILED'} ${name}`
      const shown = success ? shownResult(result) : (error ?? '')
      return shown === '' ? head : `${head}\n${indented(shown)}`
    })
    .join('\n')
}

/** A list of objects has a line for each: that is what one looks along. */
function shownResult(result: JsonValue): string {
  if (result === null) return ''
  if (Array.isArray(result)) return result.map((item) => JSON.stringify(item)).join('\n')
  return JSON.stringify(result, null, 2)
}

/** Which way out a flow would take, in one line. */
export function explainPath(report: RunReport): string {
  switch (report.path) {
    case 'success':
      return 'a flow takes the success path'
    case 'failure':
      return `a flow takes the failure path: ${report.outputs.userMessage}`
    case 'timeout':
      return 'a flow takes the timeout path: nothing came in the time that the platform waits'
    case 'dry-run':
      return 'nothing was sent'
  }
}

/** What is printed as the result: what a flow binds, or the request that was not sent. */
export function resultOf(report: RunReport): JsonValue {
  switch (report.path) {
    case 'success':
      return report.outputs
    case 'failure':
      return { ...report.outputs }
    case 'timeout':
      return {}
    case 'dry-run':
      return { ...report.request, body: report.request.body ?? null }
  }
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '     ')
}
