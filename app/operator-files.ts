/** Files that the operator's file names: keys and roots. What cannot be read is told with its key, and with what to do. */
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { SignError } from '../evidence/sign/error.ts'
import { readPrivateKey } from '../evidence/sign/private-key.ts'
import { EvidenceError } from '../evidence/verify/error.ts'
import { readRoot } from '../evidence/verify/root.ts'
import type { TrustedRoot } from '../evidence/verify/verifier.ts'
import { OperatorError } from './error.ts'

export function readNamed(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new OperatorError(
      'unreadable',
      `${key}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}). Check the path and its owner.`,
      {
        cause: error,
      },
    )
  }
}

export function privateKey(path: string, key: string): string {
  const text = readNamed(path, key)
  try {
    createPrivateKey(text)
    return text
  } catch (error) {
    throw new OperatorError(
      'unreadable',
      `${key}: ${path} holds no private key in PEM form. Download one from the App's settings, or make one with openssl.`,
      {
        cause: error,
      },
    )
  }
}

/** Any form `readPrivateKey` reads -> PKCS #8 PEM, in memory only. */
export function signingKey(path: string, password: string | undefined): string {
  try {
    const key = readPrivateKey({ text: readNamed(path, 'signing.key_file'), password })
    return key.export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch (error) {
    if (!(error instanceof SignError)) throw error
    const make = 'Make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256.'
    throw new OperatorError('unreadable', `signing.key_file: ${path}: ${error.message}. ${error.code === 'unusable-key' ? make : ''}`.trim(), {
      cause: error,
    })
  }
}

export function trustedRoot(path: string): TrustedRoot {
  const bytes = Buffer.from(readNamed(path, 'sigstore.trusted_root_file'))
  const root = readRoot(bytes)
  if (root instanceof EvidenceError) throw new OperatorError('unreadable', `sigstore.trusted_root_file: ${path}: ${root.message}`, { cause: root })
  return { bytes }
}
