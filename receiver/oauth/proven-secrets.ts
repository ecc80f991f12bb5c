import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** The secrets that were right, as marks under a key of this process: of a mark, no secret can be guessed offline. */
export interface ProvenSecrets {
  /** Names a secret within this process. */
  readonly markOf: (secret: string) => Buffer
  /** Whether the secret of this mark was found to have this hash. */
  readonly has: (hash: Buffer, mark: Buffer) => boolean
  readonly add: (hash: Buffer, mark: Buffer) => void
}

/**
 * A secret that was right before is known again without scrypt: a client in use is not held up by those who guess.
 * It is bound to the stored hash, so what is rotated or removed is not known any more.
 *
 * @param max the one that was proven first is forgotten first
 */
export function provenSecrets(max = 1000): ProvenSecrets {
  const key = randomBytes(32)
  const marks = new Map<string, Buffer>()
  return {
    markOf: (secret) => createHmac('sha256', key).update(secret, 'utf8').digest(),
    has: (hash, mark) => {
      const proven = marks.get(hash.toString('base64'))
      return proven !== undefined && timingSafeEqual(proven, mark)
    },
    add: (hash, mark) => {
      marks.set(hash.toString('base64'), mark)
      const [first] = marks.keys()
      if (marks.size > max && first !== undefined) marks.delete(first)
    },
  }
}
