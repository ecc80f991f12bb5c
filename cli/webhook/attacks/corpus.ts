import type { Scheme } from '../sender.ts'
import { API_KEY_ATTACKS } from './api-key-attacks.ts'
import type { Attack } from './attack.ts'
import { BODY_ATTACKS } from './body-attacks.ts'
import { HUB_ATTACKS } from './hub-attacks.ts'
import { JWS_FORGERY_ATTACKS } from './jws-forgery-attacks.ts'
import { JWS_FORM_ATTACKS } from './jws-form-attacks.ts'
import { REPLAY_ATTACKS } from './replay-attacks.ts'
import { SIGNATURE_ATTACKS } from './signature-attacks.ts'
import { STANDARD_WEBHOOKS_ATTACKS } from './standard-webhooks-attacks.ts'
import { TRANSPORT_ATTACKS } from './transport-attacks.ts'

/** All that is known to have been tried on receivers of webhooks, with what each should be answered with. */
export const CORPUS: readonly Attack[] = [
  ...SIGNATURE_ATTACKS,
  ...JWS_FORM_ATTACKS,
  ...JWS_FORGERY_ATTACKS,
  ...HUB_ATTACKS,
  ...STANDARD_WEBHOOKS_ATTACKS,
  ...API_KEY_ATTACKS,
  ...BODY_ATTACKS,
  ...REPLAY_ATTACKS,
  ...TRANSPORT_ATTACKS,
]

/** The attacks that a scheme can be tried with. */
export function attacksOn(scheme: Scheme): readonly Attack[] {
  return CORPUS.filter(({ schemes }) => schemes.includes(scheme))
}
