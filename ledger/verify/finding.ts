/** `invalid`: what is there is wrong. `missing`: what should be there is not. `gap`: indexes were left out. */
export interface Finding {
  readonly kind: 'invalid' | 'missing' | 'gap'
  readonly code: FindingCode
  /** The entry it is about; for a root, a tile or a checkpoint, the first entry that it newly covers. */
  readonly index: number
  readonly message: string
}

export type FindingCode =
  | 'entry-not-canonical'
  | 'leaf-hash-mismatch'
  | 'index-gap'
  | 'id-repeated'
  | 'root-mismatch'
  | 'head-mismatch'
  | 'tile-mismatch'
  | 'tile-missing'
  | 'checkpoint-invalid'
  | 'checkpoint-missing'
  | 'cosignature-invalid'
  | 'signing-key-mismatch'
  | 'delivery-mismatch'
  | 'delivery-missing'
  | 'body-mismatch'
  | 'body-missing'
  | 'erasure-mismatch'
  | 'archive-missing'
  | 'archive-mismatch'
  | 'schema-changed'
  | 'index-damaged'
  | 'page-damaged'
  | 'evidence-mismatch'
  | 'evidence-signature-wrong'
  | 'evidence-key-missing'
  | 'evidence-key-mismatch'

export const MAX_FINDINGS = 100

/** Keeps the first of many, so that a ruined file does not fill the memory. */
export class FindingList {
  private readonly kept: Finding[] = []
  count = 0

  add(finding: Finding): void {
    this.count++
    if (this.kept.length < MAX_FINDINGS) this.kept.push(finding)
  }

  invalid(code: FindingCode, index: number, message: string): void {
    this.add({ kind: 'invalid', code, index, message })
  }

  missing(code: FindingCode, index: number, message: string): void {
    this.add({ kind: 'missing', code, index, message })
  }

  sorted(): readonly Finding[] {
    return this.kept.toSorted((a, b) => a.index - b.index)
  }
}
