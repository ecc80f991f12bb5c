import { generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Algorithm } from '../../receiver/webhook/schemes/asymmetric.ts'

/** A fresh private key for an algorithm; of 2048 bits for RSA, which takes a moment. */
export function newPrivateKey(alg: Algorithm): KeyObject {
  switch (alg) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    case 'EdDSA':
      return generateKeyPairSync('ed25519').privateKey
    case 'RS256':
    case 'PS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  }
}
