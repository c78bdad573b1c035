/** Files that a user names: a pack, a key, and what is written new. */
import { open, readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { TrustedKey, TrustedRoot } from '../../../evidence/verify/verifier.ts'
import { CliError } from '../error.ts'
import type { Call } from '../verb.ts'

const MAX_KEY = 16 << 10
const MAX_ROOT = 1 << 20

/** @param max bytes @param what such as `pack` @returns absolute path @throws CliError `not-found`, `usage` */
export async function fileOf(call: Call, name: string, max: number, what: string): Promise<string> {
  const path = resolve(call.io.cwd, name)
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile()) throw new CliError('not-found', `There is no ${what} ${name}.`, `Name the ${what} file.`)
  if (found.size > max) throw new CliError('usage', `${name} has ${found.size} bytes; a ${what} has at most ${max}.`, `Name the ${what} file.`)
  return path
}

/** As {@link fileOf}, with what is in it. */
export async function bytesOf(call: Call, name: string, max: number, what: string): Promise<Buffer> {
  return readFile(await fileOf(call, name, max, what))
}

/** A public key. @param given `id=file.pem` or `file.pem` @throws CliError */
export async function publicKeyOf(call: Call, given: string): Promise<TrustedKey> {
  const match = /^(?:([a-z][a-z0-9-]{0,63})=)?(.+)$/s.exec(given)
  const file = match?.[2] ?? given
  const publicKeyPem = (await bytesOf(call, file, MAX_KEY, 'public key')).toString('utf8')
  if (publicKeyPem.includes('PRIVATE KEY'))
    throw new CliError('usage', `${file} is a private key.`, 'Verifying needs only the public key. Keep the private one away from here.')
  if (!publicKeyPem.includes('-----BEGIN PUBLIC KEY-----'))
    throw new CliError('usage', `${file} is no public key in PEM.`, 'It begins with -----BEGIN PUBLIC KEY-----.')
  return { id: match?.[1] ?? file, publicKeyPem }
}

/** `--trusted-root`: whose certificates, logs and clocks count; null when it is not given. @throws CliError */
export async function trustedRootOf(call: Call): Promise<TrustedRoot | null> {
  const file = call.text('trusted-root')
  return file === undefined ? null : { bytes: await bytesOf(call, file, MAX_ROOT, 'trusted root') }
}

/** A private key in PEM, or cosign's encrypted form; its password is in COSIGN_PASSWORD. @throws CliError */
export async function privateKeyOf(call: Call, file: string): Promise<{ readonly privateKeyPem: string; readonly password: string | undefined }> {
  const privateKeyPem = (await bytesOf(call, file, MAX_KEY, 'private key')).toString('utf8')
  if (privateKeyPem.includes('-----BEGIN PUBLIC KEY-----'))
    throw new CliError(
      'usage',
      `${file} is a public key.`,
      'Signing needs the private one: cosign.key, or a PEM file that begins with BEGIN PRIVATE KEY.',
    )
  return { privateKeyPem, password: call.io.env['COSIGN_PASSWORD'] }
}

/** Never over a file that is there: it could be the only copy of a key or a signature. @param path absolute @throws CliError `usage` */
export async function writeNew(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  try {
    const file = await open(path, 'wx', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new CliError(
      'usage',
      `${path} cannot be made: ${error instanceof Error ? error.message : String(error)}`,
      'Choose another --out; an existing file is never written over.',
      { cause: error },
    )
  }
}
