import { ACCEPTED, MALFORMED } from './attack.ts'
import type { Attack } from './attack.ts'
import { strayBits } from './base64.ts'
import { base64url, jwsAttack, partsOf } from './jws-forge.ts'
import type { Forge } from './jws-forge.ts'

const genuine = ({ header, signOver }: Forge): string => signOver(header())

const form = (name: string, what: string, value: (forge: Forge) => string): Attack =>
  jwsAttack(name, `a signature header ${what}`, MALFORMED, value)

/** Signature headers that no two readers would surely read alike. */
export const JWS_FORM_ATTACKS: readonly Attack[] = [
  form('jws-with-payload', 'with the body in its middle', (forge) =>
    genuine(forge).replace('..', `.${base64url(forge.body)}.`),
  ),
  form('jws-with-other-payload', 'with another body in its middle', (forge) =>
    genuine(forge).replace('..', `.${base64url('{}')}.`),
  ),
  form('jws-two-parts', 'of two parts', (forge) => genuine(forge).replace('..', '.')),
  form('jwe-five-parts', 'of five parts, as an encrypted one has', (forge) => {
    const { header, signature } = partsOf(genuine(forge))
    return `${header}..AAAA.${signature}.AAAA`
  }),
  form('jws-json-flattened', 'in the JSON serialisation', (forge) => {
    const { header, signature } = partsOf(genuine(forge))
    return JSON.stringify({ protected: header, signature })
  }),
  form('jws-json-unprotected-header', 'in the JSON serialisation, with an unprotected header', (forge) => {
    const { header, signature } = partsOf(genuine(forge))
    return JSON.stringify({ header: { alg: 'none' }, protected: header, signature })
  }),
  form('jws-padded', 'with padding', (forge) => `${genuine(forge)}==`),
  form('jws-standard-base64', 'in base64 of the other alphabet', (forge) => {
    const { header, signature } = partsOf(genuine(forge))
    return `${header}..+/${signature.slice(2)}`
  }),
  form('jws-space-inside', 'with a space inside', (forge) => genuine(forge).replace('..', '. .')),
  // The last character of 64 or 256 bytes has four bits that stand for nothing.
  form('jws-stray-bits-in-signature', 'with bits behind the signature that stand for nothing', (forge) =>
    strayBits(genuine(forge)),
  ),
  form(
    'jws-stray-bits-in-header',
    'with bits behind the header that stand for nothing',
    ({ header, signOver }) => {
      let text = header()
      while (Buffer.from(text).length % 3 !== 1) text += ' '
      const { header: protectedText, signature } = partsOf(signOver(text))
      return `${strayBits(protectedText)}..${signature}`
    },
  ),
  form('jws-too-long', 'longer than any signature', (forge) => `${'e'.repeat(5000)}${genuine(forge)}`),
  form('jws-header-not-json', 'whose header is no JSON', ({ signOver }) => signOver('alg=ES256')),
  form('jws-header-list', 'whose header is a list', ({ signOver }) => signOver('[]')),
  form('jws-header-null', 'whose header is null', ({ signOver }) => signOver('null')),
  form('jws-header-bom', 'whose header begins with a byte order mark', ({ header, signOver }) =>
    signOver(`\uFEFF${header()}`),
  ),
  form('jws-header-invalid-utf-8', 'whose header is not UTF-8', ({ header, signOver }) =>
    signOver(Buffer.from(header().replace('{', '{"\xff":1,'), 'latin1')),
  ),
  form('jws-alg-twice', 'with two members alg, the first of them none', ({ header, signOver }) =>
    signOver(header().replace('{', '{"alg":"none",')),
  ),
  form('jws-alg-twice-escaped', 'with two members alg, one of them in escapes', ({ header, signOver }) =>
    signOver(header().replace('{', '{"\\u0061lg":"none",')),
  ),
  form('jws-kid-twice', 'with two members kid', ({ header, signOver }) =>
    signOver(header().replace('{', '{"kid":"other",')),
  ),
  form('jws-alg-missing', 'without alg', ({ header, signOver }) => signOver(header({ alg: undefined }))),
  form('jws-alg-list', 'whose alg is a list', ({ header, signOver, sender }) =>
    signOver(header({ alg: [sender.key.alg] })),
  ),
  form('jws-signature-empty', 'without a signature', (forge) => `${partsOf(genuine(forge)).header}..`),
  form(
    'jws-alg-none-unsigned',
    'of alg none, without a signature',
    ({ header }) => `${base64url(header({ alg: 'none' }))}..`,
  ),
  form('jws-signature-stray-character', 'whose last character is no byte', (forge) => `${genuine(forge)}AAA`),
  {
    ...jwsAttack(
      'jws-member-in-capitals',
      'a header with ALG none beside its alg: another name, and without a meaning',
      ACCEPTED,
      ({ header, signOver }) => signOver(header().replace('{', '{"ALG":"none",')),
    ),
    stores: 1,
  },
]
