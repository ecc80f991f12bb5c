import type { Rule } from '../rule.ts'

export const missingActionType: Rule = {
  id: 'missing-action-type',
  severity: 'error',
  title: 'An export without an action type',
  why: 'Genesys Cloud refuses to import a file that does not say which type of action it holds.',
  check: ({ form, filledIn }) =>
    form === 'export' && filledIn.includes('actionType')
      ? [
          {
            path: 'actionType',
            message: 'actionType is missing, and the import refuses the file',
            fix: 'write "actionType": "custom"',
          },
        ]
      : [],
}

export const missingIntegrationType: Rule = {
  id: 'missing-integration-type',
  severity: 'warning',
  title: 'An export without an integration type',
  why: 'On import, an action is put under an integration of its own type. Without one, there is none to choose.',
  check: ({ form, filledIn }) =>
    form === 'export' && filledIn.includes('integrationType')
      ? [
          {
            path: 'integrationType',
            message: 'integrationType is missing: no integration fits the action',
            fix: 'write the type of its integration, such as "custom-rest-actions" or "purecloud-data-actions"',
          },
        ]
      : [],
}

const MAX_NAME = 256

export const nameLength: Rule = {
  id: 'name-length',
  severity: 'error',
  title: 'A name that is empty or too long',
  why: `The name of an action has 1 to ${MAX_NAME} characters.`,
  check: ({ action: { name } }) => {
    if (name.trim() === '')
      return [{ path: 'name', message: 'the name is empty', fix: 'give the action a name' }]
    if (name.length <= MAX_NAME) return []
    const message = `the name has ${name.length} characters, and ${MAX_NAME} are allowed`
    return [{ path: 'name', message, fix: 'shorten it' }]
  },
}

/** What the user interface appends to the name of what it exports. */
const EXPORTED = / - Exported \d{4}-\d{2}-\d{2} @ \d{1,2}:\d{2}$/

export const exportedName: Rule = {
  id: 'exported-name',
  severity: 'note',
  title: 'The name still says when it was exported',
  why: 'The user interface appends " - Exported ..." to the name in the file. An import takes it over, and flow authors see it.',
  check: ({ action: { name } }) => {
    const at = name.search(EXPORTED)
    if (at === -1) return []
    const message = 'the export appended its date to the name, and the import keeps it'
    return [{ path: 'name', at, message, fix: `take "${name.slice(at)}" out` }]
  },
}

export const timeoutRange: Rule = {
  id: 'timeout-range',
  severity: 'error',
  title: 'A timeout that the platform does not take',
  why: 'timeoutSeconds is a whole number from 1 to 60. A custom authentication action has none.',
  check: ({ action: { actionType }, timeoutSeconds }) => {
    if (timeoutSeconds === undefined) return []
    const path = 'config.timeoutSeconds'
    if (actionType === 'customAuth')
      return [{ path, message: 'a custom authentication action takes no timeout', fix: 'take it out' }]
    if (Number.isInteger(timeoutSeconds) && timeoutSeconds >= 1 && timeoutSeconds <= 60) return []
    const message = `${timeoutSeconds} is no whole number of seconds from 1 to 60`
    return [{ path, message, fix: 'write one, or take it out: 60 is the default' }]
  },
}
