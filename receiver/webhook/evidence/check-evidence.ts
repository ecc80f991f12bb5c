import type { Entry } from '../../../ledger/entry/entry.ts'
import type { FindingCode } from '../../../ledger/verify/finding.ts'
import type { SharedSecret } from '../keys/shared-secret.ts'
import type { WebhookKey } from '../keys/webhook-key.ts'
import { signatureHolds } from '../schemes/asymmetric.ts'
import type { Algorithm } from '../schemes/asymmetric.ts'
import { parseDetachedJws } from '../schemes/detached-jws.ts'
import { parseHubMac } from '../schemes/hub-sha256.ts'
import { signingInput } from '../schemes/jws.ts'
import { isSameMac, macOf } from '../schemes/mac.ts'
import type { Scheme } from '../schemes/scheme.ts'
import { parseStandardWebhook, signedHead } from '../schemes/standard-webhooks.ts'
import { VerificationError } from '../verification-error.ts'
import { parseClaim, restsOnSignature } from './evidence-claim.ts'
import type { HubClaim, JwsClaim, StandardWebhooksClaim } from './evidence-claim.ts'
import { disagreement } from './signed-event.ts'

/** The keys that a check may use, by their thumbprint. */
export interface EvidenceKeys {
  /** One that the ledger keeps. */
  readonly publicKey: (thumbprint: string) => WebhookKey | undefined
  /** One that whoever checks brought along. */
  readonly secret: (thumbprint: string) => SharedSecret | undefined
}

export type EvidenceVerdict =
  | { readonly kind: 'holds'; readonly scheme: Scheme; readonly thumbprint: string }
  /** The body or the signature is not there any more. */
  | { readonly kind: 'erased'; readonly scheme: Scheme }
  /** It cannot be checked without the secret of this thumbprint. */
  | { readonly kind: 'needs-secret'; readonly scheme: Scheme; readonly thumbprint: string }
  /** A shared key in a header: there is no signature that could be checked. */
  | { readonly kind: 'signs-nothing'; readonly scheme: Scheme; readonly thumbprint: string }
  | { readonly kind: 'wrong'; readonly code: FindingCode; readonly message: string }

/** The delivery as it was kept. */
interface Kept {
  readonly body: Buffer
  /** The signature header's text. */
  readonly signature: string
}

/**
 * Checks again, at any later time, that the sender signed what an entry rests on: the signature over the kept body,
 * by a key that the ledger keeps, and that what the entry says of it (algorithm, key, time, event) is what was signed.
 * No clock is asked: whether the time was right was decided when the delivery came.
 *
 * @param bodies those that the entry commits to
 * @returns undefined for an entry that rests on no signature
 */
export async function checkEvidence(
  entry: Entry,
  bodies: ReadonlyMap<string, Buffer>,
  keys: EvidenceKeys,
): Promise<EvidenceVerdict | undefined> {
  if (!restsOnSignature(entry)) return undefined
  const claim = parseClaim(entry)
  if (!claim) return mismatch('the evidence has none of the forms that a receiver writes')
  const { scheme, thumbprint } = claim
  if (scheme === 'api-key') return { kind: 'signs-nothing', scheme, thumbprint }
  const [body, signature] = [bodies.get('body'), bodies.get('signature')?.toString('latin1')]
  if (!body || signature === undefined) return { kind: 'erased', scheme }
  try {
    const check = { kept: { body, signature }, entry, keys }
    switch (scheme) {
      case 'jws':
        return await checkJws(claim, check)
      case 'hub-sha256':
        return checkHub(claim, check)
      case 'standard-webhooks':
        return await checkStandardWebhooks(claim, check)
    }
  } catch (error) {
    if (error instanceof VerificationError) return mismatch(`the kept signature header: ${error.message}`)
    throw error
  }
}

interface Check {
  readonly kept: Kept
  readonly entry: Entry
  readonly keys: EvidenceKeys
}

function checkJws(claim: JwsClaim, { kept, entry, keys }: Check): Promise<EvidenceVerdict> | EvidenceVerdict {
  const jws = parseDetachedJws(kept.signature, claim.b64)
  const { alg, kid, iat } = jws.header
  if (alg !== claim.algorithm || kid !== claim.keyId || iat !== claim.signedAt)
    return mismatch(`the signature was made with ${alg} and key ${kid} at ${iat}, the entry says otherwise`)
  const input = signingInput(jws.protectedText, kept.body, claim.b64)
  return checkPublic({ ...claim, input, signatures: [jws.signature] }, keys, () =>
    disagreement(entry, kept.body),
  )
}

function checkHub(claim: HubClaim, { kept, entry, keys }: Check): EvidenceVerdict {
  const mac = parseHubMac(kept.signature, claim.encoding)
  if (!mac) return mismatch(`the kept signature header is no MAC in ${claim.encoding}`)
  return checkMac({ ...claim, input: [kept.body], macs: [mac] }, keys, () => disagreement(entry, kept.body))
}

function checkStandardWebhooks(
  claim: StandardWebhooksClaim,
  { kept, entry, keys }: Check,
): Promise<EvidenceVerdict> | EvidenceVerdict {
  const lines = kept.signature.split('\n')
  if (lines.length !== 3) return mismatch('the kept signature headers are not three lines')
  const webhook = parseStandardWebhook(lines)
  if (Number(webhook.timestamp) !== claim.signedAt)
    return mismatch(`the signature was made at ${webhook.timestamp}, the entry says otherwise`)
  const version = claim.algorithm === 'HS256' ? 'v1' : 'v1a'
  const signatures = webhook.signatures.filter((one) => one.version === version).map(({ bytes }) => bytes)
  const says = (): string | undefined => disagreement(entry, kept.body, webhook.id)
  const head = signedHead(webhook)
  if (claim.algorithm === 'HS256')
    return checkMac({ ...claim, input: [head, kept.body], macs: signatures }, keys, says)
  const input = Buffer.concat([Buffer.from(head, 'latin1'), kept.body])
  return checkPublic({ ...claim, algorithm: 'EdDSA', input, signatures }, keys, says)
}

interface SignedWithKey {
  readonly scheme: Scheme
  readonly thumbprint: string
  readonly algorithm: Algorithm
  readonly input: Buffer
  /** One that holds is enough. */
  readonly signatures: readonly Buffer[]
}

/** What the entry says of the event that the body is not; undefined when they agree. */
type Disagreement = () => string | undefined

async function checkPublic(
  { scheme, thumbprint, algorithm, input, signatures }: SignedWithKey,
  keys: EvidenceKeys,
  disagrees: Disagreement,
): Promise<EvidenceVerdict> {
  const key = keys.publicKey(thumbprint)
  if (!key)
    return {
      kind: 'wrong',
      code: 'evidence-key-missing',
      message: `no key.observed entry keeps the key ${thumbprint}: the signature cannot be checked`,
    }
  if (!key.algorithms.includes(algorithm)) return mismatch(`the key ${thumbprint} is not for ${algorithm}`)
  for (const signature of signatures)
    if (await signatureHolds(algorithm, key.keyObject, input, signature))
      return agreed({ scheme, thumbprint }, disagrees)
  return wrong(thumbprint)
}

interface SignedWithSecret {
  readonly scheme: Scheme
  readonly thumbprint: string
  readonly input: readonly (string | Buffer)[]
  readonly macs: readonly Buffer[]
}

function checkMac(
  { scheme, thumbprint, input, macs }: SignedWithSecret,
  keys: EvidenceKeys,
  disagrees: Disagreement,
): EvidenceVerdict {
  const secret = keys.secret(thumbprint)
  if (!secret) return { kind: 'needs-secret', scheme, thumbprint }
  const expected = macOf(secret.secret, input)
  if (!macs.some((mac) => isSameMac(expected, mac))) return wrong(thumbprint)
  return agreed({ scheme, thumbprint }, disagrees)
}

/** The signature holds; now the entry has to speak of the event that was signed. */
function agreed(
  proven: { readonly scheme: Scheme; readonly thumbprint: string },
  disagrees: Disagreement,
): EvidenceVerdict {
  const message = disagrees()
  return message === undefined ? { kind: 'holds', ...proven } : mismatch(message)
}

function wrong(thumbprint: string): EvidenceVerdict {
  return {
    kind: 'wrong',
    code: 'evidence-signature-wrong',
    message: `the kept signature does not hold over the kept body under the key ${thumbprint}`,
  }
}

function mismatch(message: string): EvidenceVerdict {
  return { kind: 'wrong', code: 'evidence-mismatch', message }
}
