/** Artifacts: one immutable zip per name and attempt, on disk, with its digest. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DoubleError } from '../world/error.ts'
import type { ArtifactState, RunState, StoredFile } from '../world/actions.ts'
import { stamp, type World } from '../world/world.ts'
import { filesBelow, zip } from './zip.ts'

/** GitHub allows far more; the demo's evidence is small, and a cap finds a runaway. */
export const MAX_ARTIFACT = 256_000_000
const MAX_PER_RUN = 500
const BAD_NAME = /["<>:|*?\r\n\\/]/

/** Writes bytes under the world's directory. */
export const store = async (world: World, folder: string, id: number, bytes: Uint8Array): Promise<StoredFile> => {
  const dir = join(world.dir, 'files', folder)
  await mkdir(dir, { recursive: true })
  const path = join(dir, String(id))
  await writeFile(path, bytes)
  return { path, size: bytes.length, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` }
}

export const putArtifact = async (
  world: World,
  run: RunState,
  of: { readonly name: string; readonly dir?: string; readonly zip?: Uint8Array },
): Promise<ArtifactState> => {
  if (of.name === '' || BAD_NAME.test(of.name))
    throw new DoubleError('artifact', `the artifact name ${JSON.stringify(of.name)} has a character that GitHub refuses`)
  if (run.artifacts.some((one) => one.name === of.name && one.attempt === run.attempt))
    throw new DoubleError('artifact', `an artifact with the name ${of.name} already exists on run ${run.id}; artifacts are immutable`)
  if (run.artifacts.length >= MAX_PER_RUN) throw new DoubleError('artifact', `run ${run.id} has ${MAX_PER_RUN} artifacts already`)
  const bytes = of.zip ?? zip(await filesBelow(of.dir ?? ''))
  if (bytes.length > MAX_ARTIFACT)
    throw new DoubleError('artifact', `the artifact ${of.name} has ${bytes.length} bytes; the limit is ${MAX_ARTIFACT}`)
  const id = world.nextId()
  const artifact: ArtifactState = {
    id,
    name: of.name,
    attempt: run.attempt,
    createdAt: stamp(world),
    expired: false,
    ...(await store(world, 'artifacts', id, bytes)),
  }
  run.artifacts.push(artifact)
  return artifact
}

export const artifactBytes = async (run: readonly RunState[], id: number): Promise<Uint8Array | null> => {
  const found = run.flatMap((one) => one.artifacts).find((one) => one.id === id)
  return found && !found.expired ? await readFile(found.path) : null
}
