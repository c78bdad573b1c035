/** Small lock files, built by hand. */
import { createHash } from 'node:crypto'
import { SbomError } from '../../../evidence/sbom/error.ts'
import type { Inventory } from '../../../evidence/sbom/inventory.ts'
import { readLockFile } from '../../../evidence/sbom/lock.ts'

export const encode = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))

/** A digest that belongs to nothing, as lock files write it. */
export function sri(seed: string, algorithm = 'sha512'): string {
  return `${algorithm}-${createHash(algorithm).update(seed).digest('base64')}`
}
export function hex(seed: string, algorithm = 'sha512'): string {
  return createHash(algorithm).update(seed).digest('hex')
}

export type Place = Readonly<Record<string, unknown>>

/** package-lock.json of version 3. @param root what stands under `""` */
export function npmLock(root: Place, places: Readonly<Record<string, Place>> = {}, more: Place = {}): Uint8Array {
  return encode({
    name: 'app',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'app', version: '1.0.0', ...root }, ...places },
    ...more,
  })
}

/** A place with version and digest. */
export function place(version: string, more: Place = {}): Place {
  return { version, integrity: sri(version), ...more }
}

/** @throws the error, where there is one */
export function inventoryOf(bytes: Uint8Array, path = 'package-lock.json', manifest?: unknown): Inventory {
  const answer = readLockFile({ path, bytes, ...(manifest === undefined ? {} : { manifest: encode(manifest) }) })
  if (answer instanceof SbomError) throw answer
  return answer
}

/** The code it is refused with; the word `taken` when it is not. */
export function refusal(bytes: Uint8Array, path = 'package-lock.json', manifest?: Uint8Array): string {
  const answer = readLockFile({ path, bytes, ...(manifest === undefined ? {} : { manifest }) })
  return answer instanceof SbomError ? answer.code : 'taken'
}

/** `app@1.0.0 -required-> a@1.0.0`, sorted. */
export function edgesOf({ root, components, edges }: Inventory): readonly string[] {
  const names = new Map([root, ...components].map(({ ref, name, version }) => [ref, `${name}@${version}`]))
  return edges.map(({ from, to, kind }) => `${names.get(from)} -${kind}-> ${names.get(to)}`).toSorted()
}

export function scopesOf({ components }: Inventory): Readonly<Record<string, string>> {
  return Object.fromEntries(components.map(({ name, version, scope }) => [`${name}@${version}`, scope]))
}

export function remarksOf({ remarks }: Inventory): readonly string[] {
  return remarks.map(({ code, about }) => `${code} ${about}`)
}

/** The code that a call throws; the word `taken` when it throws nothing. */
export function refusedWith(call: () => unknown): string {
  try {
    call()
    return 'taken'
  } catch (error) {
    if (error instanceof SbomError) return error.code
    throw error
  }
}
