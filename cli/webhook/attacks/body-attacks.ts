import { sampleBody, signDelivery } from '../sender.ts'
import type { Sender } from '../sender.ts'
import { ACCEPTED, ALL_SCHEMES, genuine, INVALID, NO_EVENT, once, post, SIGNING_SCHEMES } from './attack.ts'
import type { Attack, ExpectedAnswer } from './attack.ts'

/** Bodies that were signed and are no events, and bodies that were not signed as they are. */
export const BODY_ATTACKS: readonly Attack[] = [...noEvents(), ...ambiguous(), ...notSigned()]

const textOf = (sender: Sender): string => sampleBody(sender).toString('utf8')
/** The same event with something before its first member. */
const opened = (sender: Sender, members: string): string => textOf(sender).replace('{', `{${members},`)
const nested = (open: string, close: string): string => `${open.repeat(10_000)}1${close.repeat(10_000)}`

type Body = (sender: Sender) => string | Buffer

function signed(name: string, description: string, expect: ExpectedAnswer, body: Body): Attack {
  const steps = once((sender) => {
    const bytes = Buffer.from(body(sender))
    // The id is given: that of the body may be what is wrong with it.
    return post(sender, { body: bytes, headers: signDelivery(sender, bytes, sender.newId()) })
  })
  return { name, schemes: ALL_SCHEMES, description, expect, steps }
}

function noEvents(): readonly Attack[] {
  const noEvent = (name: string, what: string, body: Body): Attack =>
    signed(`body-${name}`, `a verified body ${what}`, NO_EVENT, body)
  return [
    noEvent('empty', 'of no bytes', () => ''),
    noEvent('not-json', 'that is not JSON', () => '{"id":'),
    noEvent('trailing-json', 'with a second JSON value behind the first', (sender) => `${textOf(sender)}{}`),
    noEvent('list', 'that is a list', () => '[]'),
    noEvent('null', 'that is null', () => 'null'),
    noEvent('bom', 'with a byte order mark in front', (sender) => `\uFEFF${textOf(sender)}`),
    noEvent('invalid-utf-8', 'that is not UTF-8', (sender) =>
      Buffer.from(opened(sender, '"x":"\xff"'), 'latin1'),
    ),
    noEvent('utf-8-surrogate', 'with a surrogate in UTF-8', (sender) =>
      Buffer.from(opened(sender, '"x":"\xed\xa0\x80"'), 'latin1'),
    ),
    noEvent('utf-8-overlong', 'with a character in more bytes than it needs', (sender) =>
      Buffer.from(opened(sender, '"x":"\xc0\xaf"'), 'latin1'),
    ),
    noEvent('utf-16', 'in UTF-16', (sender) => Buffer.from(textOf(sender), 'utf16le')),
    noEvent('proto', 'with a member __proto__', (sender) => opened(sender, '"__proto__":{"admin":true}')),
    noEvent('proto-escaped', 'with a member __proto__ in escapes', (sender) =>
      opened(sender, '"\\u005f_proto__":{"admin":true}'),
    ),
    noEvent('proto-deep', 'with a member __proto__ deep inside', (sender) =>
      opened(sender, '"x":[{"a":{"__proto__":1}}]'),
    ),
    noEvent('constructor-prototype', 'with a member constructor.prototype', (sender) =>
      opened(sender, '"constructor":{"prototype":{"admin":true}}'),
    ),
    noEvent('deep-lists', 'of 10,000 lists in each other', (sender) =>
      opened(sender, `"x":${nested('[', ']')}`),
    ),
    noEvent('deep-objects', 'of 10,000 objects in each other', (sender) =>
      opened(sender, `"x":${nested('{"a":', '}')}`),
    ),
  ]
}

/** Taken today, and documented: the sender signed it, and its bytes are kept as they are. */
function ambiguous(): readonly Attack[] {
  const taken = (name: string, description: string, body: Body): Attack => ({
    name,
    schemes: ALL_SCHEMES,
    description,
    expect: ACCEPTED,
    stores: 1,
    steps: once((sender) => post(sender, genuine(sender, Buffer.from(body(sender))))),
  })
  return [
    taken(
      'body-duplicate-keys',
      'a verified body with a member twice: the last one counts, all bytes are kept',
      (sender) => opened(sender, '"id":"first"'),
    ),
    taken(
      'body-white-space',
      'a verified body with white space that no serialiser writes again',
      (sender) => ` \r\n\t${textOf(sender)}\n`,
    ),
  ]
}

function notSigned(): readonly Attack[] {
  /** Signs one body and sends another; the id in the headers stays that of the signed one. */
  const swapped = (
    name: string,
    description: string,
    swap: (text: string) => string | Buffer,
    signedBody?: Body,
  ): Attack => ({
    name,
    schemes: SIGNING_SCHEMES,
    description,
    expect: INVALID,
    steps: once((sender) => {
      const { body, headers } = genuine(sender, Buffer.from(signedBody?.(sender) ?? sampleBody(sender)))
      return post(sender, { body: Buffer.from(swap(body.toString('utf8'))), headers })
    }),
  })
  return [
    swapped('other-body', 'the signature of another event', (text) => text.replace('"id":"', '"id":"x')),
    swapped('flipped-bit-in-body', 'one bit of the body changed', (text) => {
      const bytes = Buffer.from(text)
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
      return bytes
    }),
    swapped('body-with-byte-more', 'a line feed behind the signed body', (text) => `${text}\n`),
    swapped(
      'body-with-bom-unsigned',
      'a byte order mark in front that was not signed',
      (text) => `\uFEFF${text}`,
    ),
    swapped('body-reserialised', 'signed as JSON.stringify writes it, sent with white space', (text) =>
      JSON.stringify(JSON.parse(text), null, 1),
    ),
    swapped(
      'body-decoded-alike',
      'byte FF in place of the U+FFFD that was signed: alike once decoded',
      (text) => Buffer.from(Buffer.from(text).toString('latin1').replace('\xef\xbf\xbd', '\xff'), 'latin1'),
      (sender) => opened(sender, '"x":"\uFFFD"'),
    ),
    swapped('body-emptied', 'the signature of an event over no bytes', () => ''),
  ]
}
