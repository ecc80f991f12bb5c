import type { InstallLine, InstallResult, Replacement } from '../../bundle/install/carry-out-install.ts'
import { changes } from '../../bundle/install/install-step.ts'
import type { InstallStep } from '../../bundle/install/install-step.ts'
import type { UninstallStep } from '../../bundle/install/uninstall.ts'
import { printable } from '../webhook/printable.ts'

type Does = InstallStep['does']

const SIGNS: Readonly<Record<Does, string>> = {
  create: '+',
  replace: '+',
  update: '~',
  retire: '~',
  delete: '-',
  left: ' ',
  unchanged: ' ',
}
const DONE: Readonly<Record<Does, string>> = {
  create: 'created',
  replace: 'created anew',
  update: 'updated',
  retire: 'renamed',
  delete: 'deleted',
  left: 'left',
  unchanged: 'unchanged',
}
const PARTS: Readonly<Record<InstallStep['part'], string>> = {
  integration: 'integration',
  credential: 'credential',
  config: 'configuration of',
  state: 'state of',
  'auth-action': 'auth action',
  action: 'action',
}

/** A plan as a person reads it: a line a step, what stays as it is only when asked for. Pure. */
export function renderSteps(steps: readonly InstallStep[], isVerbose: boolean): string {
  const lines = steps
    .filter(({ does }) => isVerbose || does !== 'unchanged')
    .map((step) => `${SIGNS[step.does]} ${partOf(step)}: ${printable(whyOf(step))}`)
  const count = steps.filter(changes).length
  return [...lines, count === 0 ? 'nothing to do' : `${count} to do`].join('\n')
}

/** One step that was carried out. */
export function renderLine(line: InstallLine): string {
  return `${DONE[line.does].padEnd(12)} ${partOf(line)}`
}

/** What an install came to, and what is left for people to do. */
export function renderResult({ integrationId, lines, replaced }: InstallResult): string {
  const done = lines.filter(changes).length
  const head = done === 0 ? 'installed: nothing was to do' : `installed: ${done} done`
  return [
    `${head}, ${lines.length - done} as they were; the integration is ${printable(integrationId)}`,
    ...replaced.map(replacementText),
  ].join('\n')
}

/** What an uninstall is to delete, or deleted. */
export function renderDeletion({ part, name, id }: UninstallStep): string {
  return `${part} "${printable(name)}" (${printable(id)})`
}

function replacementText({ name, oldId, newId, keptAs }: Replacement): string {
  const [shown, old, fresh] = [name, oldId, newId].map((text) => printable(text))
  if (keptAs === undefined)
    return `"${shown}" is ${fresh} now, and ${old} is deleted: a flow that was bound to it fails until it is pointed at "${shown}" and published`
  return `"${shown}" is ${fresh} now. Flows stay bound to ${old}, which goes on as "${printable(keptAs)}": point each at "${shown}" and publish it; then \`actions install --delete-replaced\` deletes the old one`
}

function whyOf(step: InstallStep): string {
  return step.does === 'retire' ? `${step.reason}; it goes on as "${step.keptAs}"` : step.reason
}

function partOf({ part, name, id }: Pick<InstallStep, 'part' | 'name' | 'id'>): string {
  return `${PARTS[part]} "${printable(name)}"${id === undefined ? '' : ` (${printable(id)})`}`
}
