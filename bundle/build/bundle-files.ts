import type { ActionBundle, DataAction } from '../definition/data-action.ts'
import { terraformModule } from '../terraform/terraform-module.ts'
import type { ActionSource } from './action-source.ts'
import { fileNameOf } from './build-bundle.ts'
import { flowStep } from './flow-step.ts'
import { openApi } from './openapi.ts'

/** Every file of a bundle, path to text: what the UI imports, OpenAPI, steps for flows, the Terraform module. */
export function bundleFiles(
  bundle: ActionBundle,
  sources: readonly ActionSource[],
  version: string,
): Readonly<Record<string, string>> {
  const { actions, authAction, baseUrl, integrationName } = bundle
  const definitions = [...actions, ...(authAction ? [authAction] : [])]
  const steps = sources.map((source): [string, string] => [
    `steps/${source.name}.yaml`,
    flowStep(source, integrationName),
  ])
  const module = Object.entries(terraformModule(bundle)).map(([name, text]): [string, string] => [
    `terraform/${name}`,
    text,
  ])
  return {
    ...Object.fromEntries(definitions.map((action) => [fileNameOf(action), definitionText(action)])),
    'openapi.json': `${JSON.stringify(openApi(sources, { version, baseUrl }), null, 2)}\n`,
    ...Object.fromEntries([...steps, ...module]),
  }
}

/** As the UI exports it: two spaces, and the members in its order. */
export function definitionText(action: DataAction): string {
  return `${JSON.stringify(action, null, 2)}\n`
}
