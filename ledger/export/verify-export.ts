/**
 * Verifies an exported folder of a Filter Ledger; `node verify.mjs --help` tells how.
 *
 * This file stands alone: it imports nothing but Node.js, needs no network and no secret, and shares no code with
 * the ledger that it checks. It travels with every export. What it checks, in this order:
 *
 *  1. the checkpoint: a signed note (C2SP signed-note, tlog-checkpoint), Ed25519, by a key that you give;
 *  2. the old checkpoints that you kept: the ledger must go on from each (RFC 9162 §2.1.4.2);
 *  3. the manifest: the ledger's own entry about this export, proved under the checkpoint (C2SP tlog-proof);
 *  4. every row: the line, cell by cell, against the exact entry text that it carries; every other file that
 *     the manifest names, by its hash;
 *  5. every entry: its leaf hash (RFC 6962 §2.1) up to the checkpoint's root, by tiles or by one multiproof;
 *  6. completeness: whether every index of the exported range is there.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process, { argv, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'

export interface ExportFinding {
  readonly code: string
  /** The file it is about. */
  readonly file: string
  /** 0 is the header, 1 the first row. */
  readonly row?: number
  /** The index in the ledger. */
  readonly index?: number
  readonly message: string
}

export interface ExportCheck {
  readonly name: 'checkpoint' | 'old checkpoints' | 'manifest' | 'rows' | 'proof' | 'completeness'
  readonly result: 'ok' | 'failed' | 'not possible'
  readonly detail: string
}

export interface ExportReport {
  readonly ok: boolean
  readonly origin: string | undefined
  readonly size: number | undefined
  readonly rows: number
  readonly checks: readonly ExportCheck[]
  /** The first {@link MAX_FINDINGS}. */
  readonly findings: readonly ExportFinding[]
  readonly findingCount: number
  readonly notes: readonly string[]
}

export interface ExportOptions {
  /** Verifier keys that you got by another way. Default: those of the folder. */
  readonly keys?: readonly string[]
  /** Texts of checkpoints that you kept. */
  readonly old?: readonly string[]
  /** The operator said that this export was not recorded: then no manifest is asked for. Default false. */
  readonly unrecorded?: boolean
  /** Nothing may be left out: an export whose completeness cannot be shown does not hold. Default false. */
  readonly complete?: boolean
}

export const MAX_FINDINGS = 20
/** An entry of 65,535 bytes, with every byte quoted, in each of 102 cells: no line is longer. */
const MAX_LINE = 16 * 1024 * 1024
/** Everything but the rows and the tiles is read whole, so it has to be small. */
const MAX_FILE = 64 * 1024 * 1024
/** 8 kB each. */
const MAX_KNOWN_TILES = 4096
const HASH = 32
const TILE = 256

/** Checks a folder and goes on to its end, whatever it finds. Never throws for what is in the folder. */
export async function verifyExport(folder: string, options: ExportOptions = {}): Promise<ExportReport> {
  const report = new Report()
  const head = checkCheckpoint(folder, options, report)
  if (head) {
    checkOldCheckpoints(folder, head, options, report)
    const manifest = checkManifest(folder, head, options, report)
    await checkRows(folder, head, manifest, options, report)
    await checkOtherFiles(folder, manifest, report)
  }
  return report.finish(head)
}

interface Head {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
  readonly text: string
  readonly keys: readonly Key[]
}

function checkCheckpoint(folder: string, options: ExportOptions, report: Report): Head | undefined {
  try {
    const given = options.keys
    if (!existsSync(join(folder, 'checkpoint'))) throw notAnExport(folder)
    const keys = (given ?? read(folder, 'verifier-keys').split('\n'))
      .filter((line) => line.trim() !== '')
      .map(parseKey)
    const text = read(folder, 'checkpoint')
    const head = openCheckpoint(text, keys)
    report.check('checkpoint', 'ok', `${head.origin}, ${head.size} entries, signed by ${signers(text, keys)}`)
    if (!given) {
      report.note(
        `The key came out of this folder: compare ${keys.map(({ line }) => line).join(' and ')} with one that you got by another way, or give --vkey.`,
      )
    }
    return head
  } catch (error) {
    report.find({ code: codeOf(error, 'checkpoint-invalid'), file: 'checkpoint', message: messageOf(error) })
    report.check('checkpoint', 'failed', messageOf(error))
    return undefined
  }
}

/** A report has no proof of its own; who took it for an export is told how it is checked. */
function notAnExport(folder: string): Refusal {
  const report = existsSync(folder) && readdirSync(folder).find((name) => name.endsWith('.manifest.json'))
  if (!report) return new Refusal('not-an-export', 'there is no checkpoint: this folder is not an export')
  return new Refusal(
    'a-report',
    `this folder holds a report, which has no proof of its own: compare the SHA-256 of its CSV with ${report}, and that with the ledger entry which it names; prove a row by the entry of its seq`,
  )
}

/** Reads a checkpoint and requires a known key's signature. A known key whose signature fails refuses it whole. */
function openCheckpoint(note: string, keys: readonly Key[]): Head {
  const { text, signatures } = parseNote(note)
  const signed = signatures.filter(({ name, keyId, signature }) => {
    const key = keys.find((known) => known.name === name && known.keyId === keyId)
    if (key && !isSigned(key, text, signature))
      throw new Refusal(
        'signature-wrong',
        `the signature of ${name} does not fit the checkpoint: it was altered`,
      )
    return key !== undefined
  })
  if (signed.length === 0)
    throw new Refusal(
      'key-unknown',
      `none of the known keys signed it; it names ${signatures.map(({ name, keyId }) => `${name} (${keyId})`).join(', ')}`,
    )
  const [origin = '', size = '', root = '', ...rest] = text.slice(0, -1).split('\n')
  const hash = base64(root)
  const isSize = /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size))
  if (origin === '' || !isSize || hash?.length !== HASH || rest.includes(''))
    throw new Refusal('checkpoint-malformed', 'it is signed, but is no checkpoint')
  if (!signed.some(({ name }) => name === origin))
    throw new Refusal(
      'origin-mismatch',
      `it calls itself ${origin}, but ${signed.map(({ name }) => name).join(', ')} signed it`,
    )
  return { origin, size: Number(size), root: hash, text: note, keys }
}

interface Key {
  readonly line: string
  readonly name: string
  readonly keyId: string
  readonly publicKey: Buffer
}

/** `name+keyid+base64(0x01 ‖ public key)`. */
function parseKey(line: string): Key {
  const [, name, keyId, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line.trim()) ?? []
  const typed = encoded === undefined ? undefined : base64(encoded)
  if (name === undefined || keyId === undefined || typed?.length !== HASH + 1 || typed[0] !== 1)
    throw new Refusal('key-malformed', 'a verifier key reads <name>+<8 hex digits>+<base64>, for Ed25519')
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), typed]))
    .subarray(0, 4)
    .toString('hex')
  if (id !== keyId) throw new Refusal('key-malformed', `the key id of ${name} should be ${id}`)
  return { line: line.trim(), name, keyId, publicKey: typed.subarray(1) }
}

interface Note {
  readonly text: string
  readonly signatures: readonly {
    readonly name: string
    readonly keyId: string
    readonly signature: Buffer
  }[]
}

function parseNote(note: string): Note {
  const split = note.lastIndexOf('\n\n')
  const lines = note.slice(split + 2, -1).split('\n')
  // eslint-disable-next-line no-control-regex -- signed-note allows none but the newline
  if (split < 0 || !note.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(note) || lines.length > 100)
    throw new Refusal('note-malformed', 'it is not a signed note')
  return {
    text: note.slice(0, split + 1),
    signatures: lines.map((line) => {
      const [, name, encoded] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? []
      const bytes = encoded === undefined ? undefined : base64(encoded)
      if (name === undefined || !bytes || bytes.length < 5)
        throw new Refusal('note-malformed', 'a signature line cannot be read')
      return { name, keyId: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) }
    }),
  }
}

function isSigned({ publicKey }: Key, text: string, signature: Buffer): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') }
  return (
    signature.length === 64 &&
    verify(null, Buffer.from(text), createPublicKey({ key: jwk, format: 'jwk' }), signature)
  )
}

function signers(note: string, keys: readonly Key[]): string {
  const ids = new Set(parseNote(note).signatures.map(({ keyId }) => keyId))
  return keys
    .filter(({ keyId }) => ids.has(keyId))
    .map(({ name, keyId }) => `${name} (${keyId})`)
    .join(', ')
}

function checkOldCheckpoints(folder: string, head: Head, { old = [] }: ExportOptions, report: Report): void {
  let failed = 0
  for (const note of old) {
    try {
      requireGrown(folder, openCheckpoint(note, head.keys), head)
    } catch (error) {
      failed++
      report.find({ code: codeOf(error, 'old-invalid'), file: 'old checkpoint', message: messageOf(error) })
    }
  }
  if (old.length === 0)
    report.check(
      'old checkpoints',
      'not possible',
      'none was given: an older history cannot be compared (--old)',
    )
  else if (failed > 0) report.check('old checkpoints', 'failed', `${failed} of ${old.length} do not fit`)
  else
    report.check(
      'old checkpoints',
      'ok',
      `the ledger goes on from ${old.length === 1 ? 'it' : `all ${old.length}`}`,
    )
}

function requireGrown(folder: string, old: Head, head: Head): void {
  if (old.origin !== head.origin) throw new Refusal('old-foreign', `it is a checkpoint of ${old.origin}`)
  if (old.size > head.size)
    throw new Refusal(
      'old-newer',
      `it covers ${old.size} entries, this export's checkpoint ${head.size}: the ledger was rolled back, or this export is the older one`,
    )
  const file = `consistency/${old.size}`
  if (old.size !== 0 && old.size !== head.size && !existsSync(join(folder, file)))
    throw new Refusal(
      'consistency-missing',
      `there is no ${file}: ask for an export that was made with --old and this checkpoint`,
    )
  const proof = old.size === 0 || old.size === head.size ? [] : hashLines(read(folder, file))
  if (!isConsistent(old, head, proof))
    throw new Refusal(
      'old-forked',
      `the first ${old.size} entries are not those that it covers: the history was rewritten`,
    )
}

function isConsistent(old: Head, head: Head, proof: readonly Buffer[]): boolean {
  if (old.size === head.size) return old.root.equals(head.root)
  if (old.size === 0) return old.root.equals(sha256(Buffer.alloc(0)))
  const path = Number.isInteger(Math.log2(old.size)) ? [old.root, ...proof] : [...proof]
  let [at, last] = [old.size - 1, head.size - 1]
  while (at % 2 === 1) [at, last] = [half(at), half(last)]
  const first = path.shift()
  if (!first) return false
  let [before, now] = [first, first]
  for (const hash of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      ;[before, now] = [node(hash, before), node(hash, now)]
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)]
    } else now = node(now, hash)
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 && before.equals(old.root) && now.equals(head.root)
}

interface Manifest {
  readonly index: number
  readonly leaf: Buffer
  readonly columns: readonly string[] | undefined
  readonly range: { readonly from: number; readonly to: number } | undefined
  readonly rows: number | undefined
  readonly complete: boolean
  readonly files: Readonly<Record<string, { readonly sha256?: unknown; readonly size?: unknown }>>
}

function checkManifest(
  folder: string,
  head: Head,
  { unrecorded = false }: ExportOptions,
  report: Report,
): Manifest | undefined {
  const isThere = ['manifest.json', 'manifest.tlog-proof'].some((name) => existsSync(join(folder, name)))
  if (!isThere && unrecorded) {
    report.check('manifest', 'not possible', 'this export was not recorded: no entry vouches for its files')
    return undefined
  }
  if (!isThere) {
    const message =
      'there is none: it was taken away, or this export was not recorded. If the operator says so, give --unrecorded'
    report.find({ code: 'manifest-missing', file: 'manifest.json', message })
    report.check('manifest', 'failed', message)
    return undefined
  }
  try {
    const text = read(folder, 'manifest.json')
    const manifest = openManifest(text, read(folder, 'manifest.tlog-proof'), head)
    report.check('manifest', 'ok', `the export is entry ${manifest.index} of the ledger`)
    return manifest
  } catch (error) {
    report.find({ code: codeOf(error, 'manifest-invalid'), file: 'manifest.json', message: messageOf(error) })
    report.check('manifest', 'failed', messageOf(error))
    return undefined
  }
}

function openManifest(text: string, proof: string, head: Head): Manifest {
  const split = proof.indexOf('\n\n')
  const [header, ...lines] = proof.slice(0, Math.max(0, split)).split('\n')
  if (lines[0]?.startsWith('extra ')) lines.shift()
  const [, digits] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '') ?? []
  if (header !== 'c2sp.org/tlog-proof@v1' || digits === undefined)
    throw new Refusal('manifest-proof-malformed', 'manifest.tlog-proof cannot be read')
  if (proof.slice(split + 2) !== head.text)
    throw new Refusal('manifest-proof-foreign', 'manifest.tlog-proof is about another checkpoint')
  const [index, leaf] = [Number(digits), leafOf(Buffer.from(text))]
  if (!isIncluded(leaf, index, head, hashLines(lines.map((line) => `${line}\n`).join(''))))
    throw new Refusal('manifest-not-in-ledger', 'manifest.json is not an entry of the ledger: it was altered')
  const { type, data = {} } = JSON.parse(text) as { type?: unknown; data?: Record<string, unknown> }
  if (type !== 'access.exported')
    throw new Refusal('manifest-foreign', 'manifest.json is an entry of the ledger, but not about an export')
  const range = data['range'] as Manifest['range']
  return {
    index,
    leaf,
    columns: Array.isArray(data['columns']) ? data['columns'].map(String) : undefined,
    range: typeof range?.from === 'number' && typeof range.to === 'number' ? range : undefined,
    rows: typeof data['rows'] === 'number' ? data['rows'] : undefined,
    complete: data['complete'] === true,
    files: (data['files'] ?? {}) as Manifest['files'],
  }
}

function isIncluded(leaf: Buffer, index: number, { size, root }: Head, path: readonly Buffer[]): boolean {
  if (index >= size) return false
  let [at, last, hash] = [index, size - 1, leaf]
  for (const sibling of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = node(sibling, hash)
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)]
    } else hash = node(hash, sibling)
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 && hash.equals(root)
}

interface Row {
  readonly number: number
  readonly index: number
  readonly leaf: Buffer
}

async function checkRows(
  folder: string,
  head: Head,
  manifest: Manifest | undefined,
  options: ExportOptions,
  report: Report,
): Promise<void> {
  const [file, other] = ROW_FILES.filter((name) => existsSync(join(folder, name)))
  if (other !== undefined)
    report.find({
      code: 'rows-twice',
      file: other,
      message: `it is not part of the export: its rows are in ${file ?? ''}`,
    })
  if (file === undefined) {
    report.find({
      code: 'rows-missing',
      file: 'export.csv',
      message: 'there is neither export.csv nor export.ndjson',
    })
    report.check('rows', 'failed', 'there are none')
    return
  }
  const before = report.count
  const seen: Seen = { rows: 0, first: -1, last: -1, gap: undefined }
  const digest = createHash('sha256')
  const rows = readRows(folder, file, digest, manifest, seen, report)
  const proved = await proveRows(folder, file, head, manifest, rows, report)
  // What the proof did not ask for is still read and looked at.
  while ((await rows.next()).done !== true);
  report.rows = seen.rows
  const hash = digest.digest('hex')
  const expected = manifest?.files[file]
  if (manifest && expected?.sha256 !== hash)
    report.find({
      code: 'file-changed',
      file,
      message: 'the file is not the one that was exported: its SHA-256 is not what the manifest says',
    })
  if (manifest?.rows !== undefined && manifest.rows !== seen.rows)
    report.find({
      code: 'row-count-wrong',
      file,
      message: `there are ${seen.rows} rows, the manifest says ${manifest.rows}`,
    })
  report.check('rows', report.count > before ? 'failed' : 'ok', `${seen.rows} rows in ${file}`)
  report.check(
    'proof',
    proved ? 'ok' : 'failed',
    proved ? 'every row is in the ledger' : 'not every row could be proved to be in the ledger',
  )
  checkCompleteness(file, manifest, seen, options, report)
}

const ROW_FILES = ['export.csv', 'export.ndjson'] as const

/** Files that an export has beside those that its manifest names. */
const KNOWN_FILES: ReadonlySet<string> = new Set([
  ...ROW_FILES,
  'checkpoint',
  'consistency',
  'manifest.json',
  'manifest.tlog-proof',
  'multiproof',
  'README.txt',
  'tile',
  'verifier-keys',
  'verify.mjs',
])

/** Every other file that the manifest names is what it was; what nobody vouches for is told. */
async function checkOtherFiles(
  folder: string,
  manifest: Manifest | undefined,
  report: Report,
): Promise<void> {
  const named = Object.keys(manifest?.files ?? {}).filter((name) => !ROW_FILES.some((rows) => rows === name))
  for (const file of named) {
    if (/[/\\]|^\.\.?$/.test(file))
      report.find({ code: 'manifest-invalid', file, message: 'it names no file of this folder' })
    else if (!existsSync(join(folder, file)))
      report.find({ code: 'file-missing', file, message: 'the manifest names it, and it is not there' })
    else if ((await hashOf(join(folder, file))) !== manifest?.files[file]?.sha256)
      report.find({
        code: 'file-changed',
        file,
        message: 'the file is not the one that was exported: its SHA-256 is not what the manifest says',
      })
  }
  const strange = readdirSync(folder).filter((name) => !KNOWN_FILES.has(name) && !named.includes(name))
  if (strange.length > 0) report.note(`Not checked, as nothing vouches for it: ${strange.join(', ')}`)
}

/** Undefined for what is no file. */
async function hashOf(path: string): Promise<string | undefined> {
  if (!statSync(path).isFile()) return undefined
  const digest = createHash('sha256')
  for await (const chunk of openStream(path)) digest.update(chunk)
  return digest.digest('hex')
}

/** What was seen of the rows so far. */
interface Seen {
  rows: number
  first: number
  last: number
  /** The first index that is not there between two that are. */
  gap: number | undefined
}

async function* readRows(
  folder: string,
  file: string,
  digest: ReturnType<typeof createHash>,
  manifest: Manifest | undefined,
  seen: Seen,
  report: Report,
): AsyncGenerator<Row> {
  const isCsv = file.endsWith('.csv')
  let columns: readonly string[] | undefined
  let number = isCsv ? 0 : 1
  for await (const line of readLines(join(folder, file), digest, isCsv)) {
    const place = { file, row: number }
    const text = line.toString('utf8')
    if (line.length > MAX_LINE)
      report.find({ ...place, code: 'row-malformed', message: 'the line is longer than any row can be' })
    else if (isCsv && number === 0) columns = checkHeader(text, manifest, report)
    else {
      const entry = isCsv
        ? checkCsvRow(text, columns ?? [], place, report)
        : checkJsonRow(text, place, report)
      if (entry) {
        if (entry.index <= seen.last)
          report.find({
            ...place,
            index: entry.index,
            code: 'row-order',
            message: `index ${entry.index} comes after ${seen.last}: rows were moved or doubled`,
          })
        else {
          if (seen.first < 0) seen.first = entry.index
          else if (entry.index !== seen.last + 1) seen.gap ??= seen.last + 1
          seen.last = entry.index
          yield { number, index: entry.index, leaf: leafOf(Buffer.from(entry.text)) }
        }
      }
      seen.rows++
    }
    number++
  }
  if (isCsv && number === 0) report.find({ file, row: 0, code: 'header-wrong', message: 'the file is empty' })
}

/** The header must be written as an export writes it; columns are what it names. */
function checkHeader(text: string, manifest: Manifest | undefined, report: Report): readonly string[] {
  const cells = parseCells(text)
  const columns = cells.slice(1, -1).map(unguard)
  const expected = renderLine(['index', ...(manifest?.columns ?? columns), 'entry'])
  const isHeader = cells[0] === 'index' && cells.at(-1) === 'entry' && text === expected
  // Without this a column could be headed "approved by/actor/id".
  const odd = columns.find(
    (pointer, i) => !/^(\/([^~/]|~[01])+)+$/.test(pointer) || columns.indexOf(pointer) !== i,
  )
  if (isHeader && odd !== undefined)
    report.find({
      file: 'export.csv',
      row: 0,
      code: 'header-wrong',
      message: `the column ${quote(odd)} is no JSON pointer, or is there twice`,
    })
  if (!isHeader)
    report.find({
      file: 'export.csv',
      row: 0,
      code: 'header-wrong',
      message: `the header was changed (${difference(text, expected)})`,
    })
  return manifest?.columns ?? columns
}

interface Entry {
  readonly index: number
  readonly text: string
}

/** A line is a function of the index, the columns and the entry's text: it must be that, to the byte. */
function checkCsvRow(
  text: string,
  columns: readonly string[],
  place: { file: string; row: number },
  report: Report,
): Entry | undefined {
  const cells = parseCells(text)
  const [index = '', entryText = ''] = [cells[0], cells.at(-1)]
  const entry = parseEntry(entryText)
  if (!/^(0|[1-9]\d{0,15})$/.test(index) || entry === undefined || cells.length !== columns.length + 2) {
    report.find({
      ...place,
      code: 'row-malformed',
      message: 'the row cannot be read: an index, the cells of the header and an entry are expected',
    })
    return undefined
  }
  const shown = columns.map((pointer) => cellOf(entry, pointer))
  if (text !== renderLine([index, ...shown, entryText])) {
    const at = shown.findIndex((cell, i) => guard(cell) !== cells[i + 1])
    const message =
      at < 0
        ? `the line was written anew (${difference(text, renderLine([index, ...shown, entryText]))})`
        : `column ${columns[at] ?? ''}: the cell says ${quote(cells[at + 1] ?? '')}, the entry says ${quote(shown[at] ?? '')}`
    report.find({ ...place, index: Number(index), code: at < 0 ? 'row-rewritten' : 'cell-changed', message })
  }
  return { index: Number(index), text: entryText }
}

function checkJsonRow(text: string, place: { file: string; row: number }, report: Report): Entry | undefined {
  const [, index, entry] = /^\{"index":(0|[1-9]\d{0,15}),"entry":(.*)\}\n$/s.exec(text) ?? []
  if (index !== undefined && entry !== undefined && parseEntry(entry) !== undefined)
    return { index: Number(index), text: entry }
  report.find({
    ...place,
    code: 'row-malformed',
    message: 'the row cannot be read: {"index":…,"entry":…} and a line feed are expected',
  })
  return undefined
}

function parseEntry(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function checkCompleteness(
  file: string,
  manifest: Manifest | undefined,
  seen: Seen,
  { complete = false }: ExportOptions,
  report: Report,
): void {
  if (!manifest?.complete || !manifest.range) {
    const why = manifest ? 'the export was filtered' : 'no manifest tells the range'
    const message = `${why}: the rows are in the ledger, but matching ones may have been left out. Export the range of indexes to check that`
    if (complete) report.find({ code: 'completeness-unknown', file, message })
    report.check('completeness', complete ? 'failed' : 'not possible', message)
    return
  }
  const { from, to } = manifest.range
  const missing = firstMissing(seen, from, to)
  if (missing !== undefined)
    report.find({
      code: 'rows-left-out',
      file,
      index: missing,
      message: `the export should hold every entry from ${from} to ${to - 1}: the first that is not there is ${missing}`,
    })
  report.check(
    'completeness',
    missing === undefined ? 'ok' : 'failed',
    to === from
      ? 'the range holds no entry'
      : `entries ${from} to ${to - 1}${missing === undefined ? ', none left out' : ' are not all there'}`,
  )
}

function firstMissing({ first, last, gap }: Seen, from: number, to: number): number | undefined {
  if (from === to) return first < 0 ? undefined : first
  if (first !== from) return from
  return gap ?? (last === to - 1 ? undefined : last + 1)
}

/** Consumes the rows and proves each; true when all of them, and the manifest, lead to the root. */
async function proveRows(
  folder: string,
  file: string,
  head: Head,
  manifest: Manifest | undefined,
  rows: AsyncGenerator<Row>,
  report: Report,
): Promise<boolean> {
  try {
    if (existsSync(join(folder, 'multiproof')))
      return await proveByMultiproof(folder, head, manifest, rows, report)
    return await proveByTiles(folder, file, head, rows, report)
  } catch (error) {
    const place = existsSync(join(folder, 'multiproof')) ? 'multiproof' : 'tile'
    report.find({ code: codeOf(error, 'proof-invalid'), file: place, message: messageOf(error) })
    return false
  }
}

async function proveByTiles(
  folder: string,
  file: string,
  head: Head,
  rows: AsyncGenerator<Row>,
  report: Report,
): Promise<boolean> {
  const tiles = new Tiles(folder, head)
  tiles.requireRoot()
  let failed = 0
  for await (const { number, index, leaf } of rows) {
    try {
      if (index >= head.size)
        throw new Refusal('row-not-in-ledger', `the checkpoint covers ${head.size} entries`)
      if (tiles.leaf(index).equals(leaf)) continue
      throw new Refusal(
        'row-not-in-ledger',
        'the entry of this row is not the one in the ledger: it was altered',
      )
    } catch (error) {
      failed++
      report.find({
        code: codeOf(error, 'proof-invalid'),
        file,
        row: number,
        index,
        message: messageOf(error),
      })
    }
  }
  return failed === 0
}

/** Tiles (C2SP tlog-tiles), each authenticated by the one above it, the partial ones by the root. */
class Tiles {
  private readonly folder: string
  private readonly head: Head
  /** Authenticated full tiles. Rows come in order, so few are used at a time. */
  private readonly known = new Map<string, Buffer>()
  /** The partial tiles of all levels, which make the root. */
  private readonly partial = new Map<string, Buffer>()

  constructor(folder: string, head: Head) {
    this.folder = folder
    this.head = head
  }

  /** The partial tiles of all levels make the root. */
  requireRoot(): void {
    const parts: Buffer[] = []
    for (let level = 0; this.width(level) > 0; level++) {
      const width = this.width(level)
      const partial = width % TILE
      if (partial === 0) continue
      const n = Math.floor(width / TILE)
      const hashes = this.read(level, n, partial)
      parts.unshift(...completeRoots(hashes))
      this.partial.set(`${level}/${n}`, hashes)
    }
    const last = parts.pop()
    const root = last ? parts.reduceRight((right, left) => node(left, right), last) : sha256(Buffer.alloc(0))
    if (!root.equals(this.head.root))
      throw new Refusal(
        'tiles-invalid',
        'the partial tiles do not make the root of the checkpoint: a tile was altered',
      )
  }

  leaf(index: number): Buffer {
    return hashAt(this.tile(0, Math.floor(index / TILE)), index % TILE)
  }

  private tile(level: number, n: number): Buffer {
    const name = `${level}/${n}`
    const known = this.partial.get(name) ?? this.known.get(name)
    if (known) return known
    const hashes = this.read(level, n, TILE)
    const expected = hashAt(this.tile(level + 1, Math.floor(n / TILE)), n % TILE)
    if (!foldAll(hashes).equals(expected))
      throw new Refusal(
        'tile-altered',
        `${tilePath(level, n, TILE)} does not fit the tile above it: it was altered`,
      )
    if (this.known.size >= MAX_KNOWN_TILES) this.known.clear()
    this.known.set(name, hashes)
    return hashes
  }

  private width(level: number): number {
    return Math.floor(this.head.size / TILE ** level)
  }

  private read(level: number, n: number, width: number): Buffer {
    const path = tilePath(level, n, width)
    const file = join(this.folder, path)
    if (!existsSync(file)) throw new Refusal('tile-missing', `${path} is not there`)
    const bytes = readFileSync(file)
    if (bytes.length !== width * HASH)
      throw new Refusal('tile-altered', `${path} has ${bytes.length} bytes, not ${width * HASH}`)
    return bytes
  }
}

/** Recomputes the root from the proven entries and the listed roots of subtrees that hold none. */
async function proveByMultiproof(
  folder: string,
  head: Head,
  manifest: Manifest | undefined,
  rows: AsyncGenerator<Row>,
  report: Report,
): Promise<boolean> {
  const [header, size, ...lines] = read(folder, 'multiproof').split('\n')
  if (header !== 'filter-ledger/multiproof@v1' || size !== `size ${head.size}`)
    throw new Refusal('multiproof-malformed', 'multiproof cannot be read, or is about another size')
  const hashes = hashLines(lines.join('\n'))
  const leaves = withManifest(rows, manifest)
  let next = await leaves.next()
  let used = 0
  const walk = async (low: number, high: number): Promise<Buffer> => {
    if (next.done === true || next.value.index >= high) {
      const hash = hashes[used++]
      if (!hash)
        throw new Refusal('multiproof-invalid', 'multiproof has too few hashes: it, or a row, was altered')
      return hash
    }
    if (high - low === 1) {
      const { leaf } = next.value
      next = await leaves.next()
      return leaf
    }
    const middle = low + 2 ** (Math.ceil(Math.log2(high - low)) - 1)
    const left = await walk(low, middle)
    return node(left, await walk(middle, high))
  }
  const root = head.size === 0 ? sha256(Buffer.alloc(0)) : await walk(0, head.size)
  if (root.equals(head.root) && used === hashes.length && next.done === true) return true
  report.find({
    code: 'multiproof-invalid',
    file: 'multiproof',
    message:
      'the rows and the multiproof do not make the root of the checkpoint: a row, an entry or the multiproof was altered',
  })
  return false
}

async function* withManifest(
  rows: AsyncGenerator<Row>,
  manifest: Manifest | undefined,
): AsyncGenerator<{ index: number; leaf: Buffer }> {
  yield* rows
  if (manifest) yield manifest
}

/** Lines with their ends, as bytes; in a CSV a line end inside quotes is text. What was read is hashed. */
async function* readLines(
  path: string,
  digest: ReturnType<typeof createHash>,
  isCsv: boolean,
): AsyncGenerator<Buffer> {
  let pending: Buffer[] = []
  let length = 0
  let quoted = false
  for await (const chunk of openStream(path)) {
    digest.update(chunk)
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      if (isCsv && chunk[at] === 0x22) quoted = !quoted
      if (chunk[at] !== 0x0a || quoted) continue
      yield Buffer.concat([...pending, chunk.subarray(start, at + 1)])
      pending = []
      length = 0
      start = at + 1
    }
    length += chunk.length - start
    // A line that is too long is told once; what is kept of it stays small.
    if (length <= 2 * MAX_LINE) pending.push(chunk.subarray(start))
  }
  if (length > 0) yield Buffer.concat(pending)
}

function openStream(path: string): AsyncIterable<Buffer> {
  if (!statSync(path).isFile()) throw new Refusal('file-invalid', `${path} is not a file`)
  return createReadStream(path) as AsyncIterable<Buffer>
}

/** The cells of a line (RFC 4180), unquoted. */
function parseCells(line: string): string[] {
  const cells: string[] = []
  for (const [, quoted, plain, end] of line.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    cells.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end !== ',') break
  }
  return cells
}

function renderLine([index = '', ...cells]: readonly string[]): string {
  const entry = cells.pop() ?? ''
  return [index, ...cells, entry].map((cell) => quoteCell(guard(cell))).join(',') + '\r\n'
}

function quoteCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

const FORMULA = /^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/

/** Cells that a spreadsheet would take for a formula carry one more apostrophe. */
function guard(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell
}

function unguard(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell
}

/** The cell that a JSON pointer (RFC 6901) shows: text as it is, nothing as nothing, all else as JSON. */
function cellOf(entry: unknown, pointer: string): string {
  let value: unknown = entry
  for (const member of pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return ''
    value = (value as Record<string, unknown>)[member]
  }
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** `1234067` is `x001/x234/067`. */
function tilePath(level: number, n: number, width: number): string {
  const digits = String(n).padStart(Math.ceil(String(n).length / 3) * 3, '0')
  const groups = digits.match(/\d{3}/g) ?? []
  const number = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${number}${width === TILE ? '' : `.p/${width}`}`
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function leafOf(entry: Buffer): Buffer {
  return sha256(Buffer.concat([Buffer.of(0), entry]))
}

function node(left: Buffer, right: Buffer): Buffer {
  return sha256(Buffer.concat([Buffer.of(1), left, right]))
}

function hashAt(hashes: Buffer, at: number): Buffer {
  if ((at + 1) * HASH > hashes.length) throw new Refusal('tile-altered', 'a tile has too few hashes')
  return hashes.subarray(at * HASH, (at + 1) * HASH)
}

/** The root over a power of two of hashes. */
function foldAll(hashes: Buffer): Buffer {
  if (hashes.length === HASH) return hashes
  const middle = hashes.length / 2
  return node(foldAll(hashes.subarray(0, middle)), foldAll(hashes.subarray(middle)))
}

/** The roots of the complete subtrees over any number of hashes, from left to right. */
function completeRoots(hashes: Buffer): Buffer[] {
  const roots: Buffer[] = []
  for (let at = 0; at < hashes.length;) {
    const count = 2 ** Math.floor(Math.log2((hashes.length - at) / HASH))
    roots.push(foldAll(hashes.subarray(at, at + count * HASH)))
    at += count * HASH
  }
  return roots
}

function half(count: number): number {
  return Math.floor(count / 2)
}

/** Hashes in base64, each with its line feed. */
function hashLines(text: string): Buffer[] {
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Refusal('hash-malformed', 'the last line is cut')
  return lines.map((line) => {
    const hash = base64(line)
    if (hash?.length === HASH) return hash
    throw new Refusal('hash-malformed', 'a line should be a hash in base64')
  })
}

function base64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

function read(folder: string, file: string): string {
  const path = join(folder, file)
  if (!existsSync(path)) throw new Refusal('file-missing', `${file} is not there`)
  const found = statSync(path)
  if (!found.isFile() || found.size > MAX_FILE)
    throw new Refusal('file-invalid', `${file} is not a file, or is larger than any can be`)
  return readFileSync(path, 'utf8')
}

class Refusal extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

class Report {
  private readonly findings: ExportFinding[] = []
  private readonly checks: ExportCheck[] = []
  private readonly notes: string[] = []
  count = 0
  rows = 0

  find(finding: ExportFinding): void {
    this.count++
    if (this.findings.length < MAX_FINDINGS) this.findings.push(finding)
  }

  check(name: ExportCheck['name'], result: ExportCheck['result'], detail: string): void {
    this.checks.push({ name, result, detail })
  }

  note(text: string): void {
    this.notes.push(text)
  }

  finish(head: Head | undefined): ExportReport {
    const ok = this.count === 0 && this.checks.every(({ result }) => result !== 'failed')
    const { checks, findings, notes, rows } = this
    return {
      ok,
      origin: head?.origin,
      size: head?.size,
      rows,
      checks,
      findings,
      findingCount: this.count,
      notes,
    }
  }
}

function codeOf(error: unknown, otherwise: string): string {
  return error instanceof Refusal ? error.code : otherwise
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What a program that saved the file again may have done to it. */
function difference(found: string, expected: string): string {
  if (found.startsWith('\uFEFF')) return 'a byte order mark stands before it'
  if (found.replace(/\r?\n$/, '') === expected.replace(/\r\n$/, '')) return 'its line end is not CR LF'
  if (parseCells(found).join('\n') === parseCells(expected).join('\n'))
    return 'its quotes are others; a spreadsheet program does that when it saves'
  return `it says ${quote(found.trimEnd())}`
}

/** A value as it can be shown, cut where it is long. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)
}

/** Text of the folder as it can be shown on a terminal: no control character, no change of direction. */
function visible(text: string): string {
  return text.replaceAll(
    // eslint-disable-next-line no-control-regex -- those are what must not get through
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The report as a person reads it. */
export function readableReport(folder: string, report: ExportReport): string {
  const checks = report.checks.map(({ name, result, detail }) => `  ${result.padEnd(12)} ${name}: ${detail}`)
  const findings = report.findings.map(({ code, file, row, index, message }) => {
    const place = [
      file,
      ...(row === undefined ? [] : [`row ${row}`]),
      ...(index === undefined ? [] : [`entry ${index}`]),
    ]
    return `  ${place.join(', ')}: ${message} [${code}]`
  })
  const more = report.findingCount - report.findings.length
  return [
    headline(folder, report),
    ...checks,
    ...(findings.length > 0 ? ['', 'Findings:', ...findings] : []),
    ...(more > 0 ? [`  … ${more} more`] : []),
    ...report.notes.flatMap((text) => ['', text]),
  ]
    .map(visible)
    .join('\n')
}

function headline(folder: string, { ok, rows, checks, findingCount }: ExportReport): string {
  if (!ok) return `${folder} does NOT hold: ${findingCount} finding(s)`
  const open = checks.filter(({ result }) => result === 'not possible').map(({ name }) => name)
  const unchecked = open.length === 0 ? '' : `; not checked: ${open.join(', ')}`
  return `${folder} HOLDS: ${rows} rows${unchecked}`
}

const USAGE = `usage: node verify.mjs [DIR] [options]

  DIR                  the exported folder (default: the one that this file is in)
  --vkey KEY or FILE   the ledger's verifier key, got by another way; may be given again
  --old FILE           a checkpoint that you kept: the ledger must go on from it; may be given again
  --complete           fail unless it is shown that no row was left out
  --unrecorded         the operator said that this export was not recorded: ask for no manifest
  --json               print the report as JSON

Exit: 0 it holds, 1 it does not, 2 wrong use.
`

/** The command line of the file that travels with an export. Exit 0: it holds. 1: it does not. 2: wrong use. */
async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    stdout.write(USAGE)
    return 0
  }
  try {
    const { folder, asJson, ...options } = readWords(words)
    const report = await verifyExport(folder, options)
    stdout.write(`${asJson ? JSON.stringify(report) : readableReport(folder, report)}\n`)
    return report.ok ? 0 : 1
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    stderr.write(`${visible(error.message)}\n\n${USAGE}`)
    return 2
  }
}

function readWords(words: readonly string[]): ExportOptions & { folder: string; asJson: boolean } {
  const folders: string[] = []
  const keys: string[] = []
  const old: string[] = []
  const flags = new Set<string>()
  for (let i = 0; i < words.length; i++) {
    const [word = '', value] = [words[i], words[i + 1]]
    if (['--json', '--complete', '--unrecorded'].includes(word)) flags.add(word)
    else if ((word === '--vkey' || word === '--old') && value !== undefined) {
      if (word === '--vkey') keys.push(...readKeys(value))
      else old.push(readCheckpoint(value))
      i++
    } else if (word.startsWith('-'))
      throw new Refusal('wrong-use', `${word} is not an option, or lacks its value`)
    else folders.push(word)
  }
  const folder = folders[0] ?? dirname(fileURLToPath(import.meta.url))
  if (folders.length > 1) throw new Refusal('wrong-use', 'one folder at a time')
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new Refusal('wrong-use', `${folder} is not a folder`)
  return {
    folder,
    asJson: flags.has('--json'),
    complete: flags.has('--complete'),
    unrecorded: flags.has('--unrecorded'),
    old,
    ...(keys.length > 0 && { keys }),
  }
}

/** The keys of an argument: one itself, or a file with one a line. @throws an Error that says what is wrong */
export function readKeys(argument: string): readonly string[] {
  if (/^[^+\s]+\+[0-9a-f]{8}\+\S+$/.test(argument)) return [argument]
  const lines = readCheckpoint(argument)
    .split('\n')
    .filter((line) => line.trim() !== '')
  if (lines.length > 0) return lines
  throw new Refusal('wrong-use', `${argument} holds no verifier key`)
}

/** The text of the file that an argument names. @throws an Error that says what is wrong */
export function readCheckpoint(argument: string): string {
  if (existsSync(argument) && statSync(argument).isFile() && statSync(argument).size <= MAX_FILE)
    return readFileSync(argument, 'utf8')
  throw new Refusal('wrong-use', `there is no file ${argument}`)
}

// Under whatever name it was saved: a file that does nothing when it is run would pass everything.
if (
  argv[1] !== undefined &&
  existsSync(argv[1]) &&
  realpathSync(argv[1]) === fileURLToPath(import.meta.url)
) {
  // Not exit(): what is still in the pipe would be lost. Not end(): the output may be shared with a script's next command.
  process.exitCode = await main(argv.slice(2))
}
