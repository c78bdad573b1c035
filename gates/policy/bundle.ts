/** An OPA bundle -> the WebAssembly in it. Its digest is that of the bundle's bytes, which `opa build` makes the same from the same Rego. Pure. */
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { sha256 } from '../../evidence/core/digest.ts'
import { parseJson } from '../../evidence/core/json.ts'
import { Sha256 } from '../../evidence/model/primitives.ts'
import { TarReader } from '../../evidence/sbom/image/tar.ts'
import { PolicyError } from './error.ts'

const MAX_BYTES = 4 * 1024 * 1024
const Packed = z.strictObject({
  /** Version of `opa` that built it. */
  opa: z.string().max(40),
  sha256: Sha256,
  /** Base64 of the bundle, a gzipped tar. */
  bundle: z.string().max(2 * MAX_BYTES),
})
const Manifest = z.looseObject({
  revision: z.string().min(1).max(100),
  wasm: z
    .array(z.looseObject({ entrypoint: z.string().max(500), module: z.string() }))
    .min(1)
    .max(2000),
})

export interface BundleContents {
  readonly revision: string
  readonly wasm: Uint8Array
  /** The first one, such as `release_conductor/commands/decision`. */
  readonly entrypoint: string
  /** All of them. */
  readonly entrypoints: readonly string[]
  /** What data.json says; null: there is none. */
  readonly data: unknown
}

export interface PolicyBundle extends BundleContents {
  readonly digest: string
  readonly bytes: Uint8Array
}

/** @param packed what `bundle.json` holds @throws PolicyError `digest`, `unreadable` */
export function openBundle(packed: unknown): PolicyBundle {
  const file = Packed.safeParse(packed)
  if (!file.success) throw new PolicyError('unreadable', 'the file of the policy bundle is not one', { cause: file.error })
  const bytes = Buffer.from(file.data.bundle, 'base64')
  const digest = sha256(bytes)
  if (digest !== file.data.sha256) throw new PolicyError('digest', `the policy bundle has the digest ${digest}, not ${file.data.sha256}`)
  return { digest, bytes, ...contentsOf(bytes) }
}

/** @throws PolicyError `unreadable` */
export function contentsOf(bytes: Uint8Array): BundleContents {
  const files = new Map<string, Uint8Array>()
  try {
    const reader = new TarReader(
      { entries: 1_000, file: MAX_BYTES },
      ({ type }) => type === 'file',
      (entry, data) => {
        if (data !== null) files.set(entry.path, data)
      },
    )
    reader.push(gunzipSync(bytes, { maxOutputLength: MAX_BYTES }))
    reader.end()
    const manifest = Manifest.parse(JSON.parse(Buffer.from(files.get('.manifest') ?? []).toString('utf8')))
    const [{ entrypoint, module }] = manifest.wasm as [Manifest['wasm'][number]]
    const wasm = files.get(module.replace(/^\//, ''))
    if (wasm === undefined) throw new PolicyError('unreadable', `the policy bundle holds no ${module}`)
    const data = files.get('data.json')
    return {
      revision: manifest.revision,
      wasm,
      entrypoint,
      entrypoints: manifest.wasm.map((one) => one.entrypoint),
      data: data === undefined ? null : parseJson(data),
    }
  } catch (error) {
    if (error instanceof PolicyError) throw error
    throw new PolicyError('unreadable', 'the policy bundle cannot be read', { cause: error })
  }
}
type Manifest = z.infer<typeof Manifest>
