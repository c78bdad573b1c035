/** Files that a user names: a pack, a public key. */
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { TrustedKey } from '../../../evidence/verify/verifier.ts'
import { CliError } from '../error.ts'
import type { Call } from '../verb.ts'

const MAX_KEY = 16 << 10

/** @param max bytes @param what such as `pack` @throws CliError `not-found`, `usage` */
export async function bytesOf(call: Call, name: string, max: number, what: string): Promise<Buffer> {
  const path = resolve(call.io.cwd, name)
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile()) throw new CliError('not-found', `There is no ${what} ${name}.`, `Name the ${what} file.`)
  if (found.size > max) throw new CliError('usage', `${name} has ${found.size} bytes; a ${what} has at most ${max}.`, `Name the ${what} file.`)
  return readFile(path)
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
