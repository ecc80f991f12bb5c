import { jsonAnswer } from '../exchange.ts'
import type { SandboxAnswer } from '../exchange.ts'
import type { ResourceCall } from '../filters.ts'
import { flattenSchema } from './action-view.ts'
import { findPublished } from './actions.ts'
import { findDraft } from './drafts.ts'
import type { ActionContent, IntegrationsContext, JsonSchema } from './integration-state.ts'
import { found, isAsked } from './read-body.ts'

/** GET of a template of the published version, as plain text. @throws SandboxError `not.found` */
export function readTemplate(context: IntegrationsContext, call: ResourceCall): SandboxAnswer {
  return templateAnswer(findPublished(context, call.id).published, call)
}

/** GET of a template of the draft, as plain text. @throws SandboxError `not.found` */
export function readDraftTemplate(context: IntegrationsContext, call: ResourceCall): SandboxAnswer {
  return templateAnswer(findDraft(context, call.id).draft, call)
}

/** GET of a schema of the published version; `flatten`. @throws SandboxError `not.found` */
export function readSchema(context: IntegrationsContext, call: ResourceCall): SandboxAnswer {
  return schemaAnswer(findPublished(context, call.id).published, call)
}

/** GET of a schema of the draft; `flatten`. @throws SandboxError `not.found` */
export function readDraftSchema(context: IntegrationsContext, call: ResourceCall): SandboxAnswer {
  return schemaAnswer(findDraft(context, call.id).draft, call)
}

function templateAnswer({ config }: ActionContent, { file }: ResourceCall): SandboxAnswer {
  const templates = new Map([
    ['requesttemplate.vm', config.request.requestTemplate],
    ['successtemplate.vm', config.response.successTemplate],
  ])
  const body = found(templates.get(file), 'template', file)
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

function schemaAnswer({ contract }: ActionContent, { file, request }: ResourceCall): SandboxAnswer {
  const schemas = new Map<string, JsonSchema>([
    ['inputschema.json', contract.inputSchema],
    ['successschema.json', contract.successSchema],
  ])
  const schema = found(schemas.get(file), 'schema', file)
  return jsonAnswer(200, isAsked(request, 'flatten') ? flattenSchema(schema) : schema)
}
