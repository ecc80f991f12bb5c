import { createHash } from 'node:crypto'
import { isAbsolute, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Rule } from '../../actions/lint/rule.ts'
import type { LocatedFinding } from './located-finding.ts'

export interface SarifInput {
  readonly findings: readonly LocatedFinding[]
  /** The rules that were asked; a finding is of one of them. */
  readonly rules: readonly Rule[]
  readonly version: string
  /** The Markdown of each rule's page, by its id. */
  readonly help: ReadonlyMap<string, string>
  /** Where docs/lint.md is published; without it, no rule has an address of its help. */
  readonly docsUrl?: URL
  /** The folder that the addresses of the files are relative to: a check-out's root. */
  readonly root: string
}

/** The findings as SARIF 2.1.0 (OASIS), as far as code scanning services read it. */
export function sarifLog(input: SarifInput): object {
  const { findings, rules, version, root } = input
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'filter-ledger',
            semanticVersion: version,
            rules: rules.map((rule) => descriptor(rule, input)),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => result(finding, rules, root)),
      },
    ],
  }
}

function descriptor({ id, severity, title, why }: Rule, { help, docsUrl }: SarifInput): object {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    defaultConfiguration: { level: severity },
    ...(docsUrl && { helpUri: new URL(`#${id}`, docsUrl).href }),
    help: { text: `${title}. ${why}`, markdown: help.get(id) ?? why },
    properties: { tags: ['safety-filter'], 'problem.severity': severity },
  }
}

function result(finding: LocatedFinding, rules: readonly Rule[], root: string): object {
  const { ruleId, severity, filter, path, message, file, line, column } = finding
  return {
    ruleId,
    ruleIndex: rules.findIndex(({ id }) => id === ruleId),
    level: severity,
    message: { text: `${filter}: ${message}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactAt(file, root),
          region: { startLine: line, startColumn: column },
        },
        logicalLocations: [{ name: filter, fullyQualifiedName: `${filter}/${path}` }],
      },
    ],
    // The same finding after lines moved, and after the message was reworded.
    partialFingerprints: { 'filterLedgerFinding/v1': fingerprint([ruleId, filter, path]) },
  }
}

/** Relative where it lies in the root, for only then is it a file of the check-out. */
function artifactAt(file: string, root: string): object {
  const path = relative(root, file)
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path))
    return { uri: pathToFileURL(file).href }
  return { uri: path.split(sep).map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' }
}

function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
