import { createHash } from 'node:crypto'
import { isAbsolute, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PlacedFinding, RuleWords } from './placed-finding.ts'

export interface SarifInput {
  readonly findings: readonly PlacedFinding[]
  /** The rules that were asked; a finding is of one of them. */
  readonly rules: readonly RuleWords[]
  readonly version: string
  /** The Markdown of each rule's page, by its id. */
  readonly help: ReadonlyMap<string, string>
  /** What the rules are on, such as `safety-filter`. */
  readonly tag: string
  /** Where the page on the rules is published; without it, no rule has an address of its help. */
  readonly docsUrl?: URL
  /** The folder that the addresses of the files are relative to: a check-out's root. */
  readonly root: string
}

/** The findings as SARIF 2.1.0 (OASIS), as far as code scanning services read it. */
export function sarifLog(input: SarifInput): object {
  const { findings, rules, version, root } = input
  const before = countsBefore(findings)
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
        results: findings.map((finding, i) => result(finding, { rules, root, nth: before[i] ?? 0 })),
      },
    ],
  }
}

function descriptor({ id, severity, title, why }: RuleWords, { help, docsUrl, tag }: SarifInput): object {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    defaultConfiguration: { level: severity },
    ...(docsUrl && { helpUri: new URL(`#${id}`, docsUrl).href }),
    help: { text: `${title}. ${why}`, markdown: help.get(id) ?? why },
    properties: { tags: [tag], 'problem.severity': severity === 'note' ? 'recommendation' : severity },
  }
}

interface ResultContext {
  readonly rules: readonly RuleWords[]
  readonly root: string
  /** How many of the same rule and place came before it. */
  readonly nth: number
}

function result(finding: PlacedFinding, { rules, root, nth }: ResultContext): object {
  const { ruleId, severity, subject, path, message, file, line, column } = finding
  return {
    ruleId,
    ruleIndex: rules.findIndex(({ id }) => id === ruleId),
    level: severity,
    message: { text: `${subject}: ${message}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactAt(file, root),
          region: { startLine: line, startColumn: column },
        },
        logicalLocations: [{ name: subject, fullyQualifiedName: `${subject}/${path}` }],
      },
    ],
    // The same finding after lines moved, and after the message was reworded.
    partialFingerprints: {
      'filterLedgerFinding/v1': fingerprint([ruleId, subject, path, ...(nth > 0 ? [`${nth}`] : [])]),
    },
  }
}

/** Relative where it lies in the root, for only then is it a file of the check-out. */
function artifactAt(file: string, root: string): object {
  const path = relative(root, file)
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path))
    return { uri: pathToFileURL(file).href }
  return { uri: path.split(sep).map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' }
}

/** Of findings that their rule and member do not tell apart, how many came before each. */
function countsBefore(findings: readonly PlacedFinding[]): readonly number[] {
  const seen = new Map<string, number>()
  return findings.map(({ file, ruleId, subject, path }) => {
    const kind = JSON.stringify([file, ruleId, subject, path])
    const before = seen.get(kind) ?? 0
    seen.set(kind, before + 1)
    return before
  })
}

function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
