import type { ActionSource } from '../../bundle/build/action-source.ts'
import { actionPage, actionTable, permissionTable } from '../../bundle/build/action-pages.ts'
import type { Manifest } from '../manifest.ts'

/** The parts of docs/actions.md that are made from the contracts, by the names of their marks. */
export function madeParts(
  { genesys }: Pick<Manifest, 'genesys'>,
  sources: readonly ActionSource[],
): Readonly<Record<string, string>> {
  const pages = sources.map((source): [string, string] => [source.name, actionPage(source)])
  return { table: actionTable(sources), permissions: permissionTable(genesys), ...Object.fromEntries(pages) }
}
