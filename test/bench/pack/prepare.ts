/** A release with the corpus in it, on the disk: every file that goes into its pack, and what the packing process must be told beside them. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { attestationPath } from '../../../evidence/pack/layout.ts'
import type { PackInputs } from '../../../evidence/pack/assemble.ts'
import { generateKeyPair } from '../../../evidence/sign/local-key.ts'
import { goldenInputs, rooted } from '../../evidence/pack/golden.ts'
import { KEYS, response, sign, statement } from '../../evidence/verify/statements.ts'
import { corpus } from './corpus.ts'

/** What `write.ts` and `verify.ts` read. Keys in PEM. */
export interface Told {
  readonly inputs: Omit<PackInputs, 'files' | 'checkpoint'>
  /** Base64. */
  readonly checkpoint: string
  readonly paths: readonly string[]
  /** Ed25519, so that one manifest has one signature. */
  readonly privateKeyPem: string
  readonly publicKeys: readonly { readonly id: string; readonly publicKeyPem: string }[]
}

/** Files that one response speaks of. */
const EACH = 20

/** @param dir gets `files/` and `told.json` */
export async function prepare(dir: string): Promise<Told> {
  const golden = await goldenInputs()
  const files = new Map<string, Uint8Array>(golden.files as ReadonlyMap<string, Uint8Array>)
  const paths: string[] = [...files.keys()]
  let batch = new Map<string, Uint8Array>()
  let number = 0
  const close = async (): Promise<void> => {
    number += 1
    const path = attestationPath('agent-response', 'commits', number)
    files.set(path, await sign(statement('agent-response', response('commits', batch), batch)))
    paths.push(path)
    batch = new Map()
  }
  for (const [path, bytes] of corpus()) {
    await put(dir, path, bytes)
    paths.push(path)
    batch.set(path, bytes)
    if (batch.size === EACH) await close()
  }
  for (const [path, bytes] of files) await put(dir, path, bytes)
  const { files: _, checkpoint, ...inputs } = rooted({ ...golden, files })
  const seal = generateKeyPair('ed25519')
  const told: Told = {
    inputs,
    checkpoint: Buffer.from(checkpoint).toString('base64'),
    paths,
    privateKeyPem: seal.privateKeyPem,
    publicKeys: [
      { id: 'demo', publicKeyPem: KEYS.publicKeyPem },
      { id: 'seal', publicKeyPem: seal.publicKeyPem },
    ],
  }
  await writeFile(join(dir, 'told.json'), JSON.stringify(told))
  await writeFile(join(dir, 'demo.pub'), KEYS.publicKeyPem)
  await writeFile(join(dir, 'seal.pub'), seal.publicKeyPem)
  return told
}

async function put(dir: string, path: string, bytes: Uint8Array): Promise<void> {
  const file = join(dir, 'files', path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bytes)
}
