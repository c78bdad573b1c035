/** What one job hands to another by artifact id and SHA-256, as files. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../../evidence/core/digest.ts'
import { readArtifact } from '../../evidence/pack/artifact.ts'
import { ActionError } from './error.ts'
import { readFolder } from './folder.ts'

/**
 * @param path the folder; or, with a digest, the zip of its artifact, or a folder that holds only that zip
 * @param digest SHA-256 of the zip, with or without `sha256:`; null for a folder made in this very job
 * @throws ActionError `bad-input`, `no-handover`, `bad-handover`, `digest-differs`
 */
export async function readHandover(path: string, digest: string | null): Promise<ReadonlyMap<string, Uint8Array>> {
  if (digest === null) return readFolder(path)
  const expected = /^(?:sha256:)?([0-9a-f]{64})$/.exec(digest)?.[1]
  if (expected === undefined) throw new ActionError('bad-input', 'artifact-digest must be a SHA-256 in 64 lower-case hex digits.')
  const zip = await readFile(await onlyFile(path))
  if (sha256(zip) !== expected)
    throw new ActionError(
      'digest-differs',
      `The artifact has SHA-256 ${sha256(zip)}, the agents job handed over ${expected}. Nothing was done; run the phase again.`,
    )
  return readArtifact(zip)
}

async function onlyFile(path: string): Promise<string> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new ActionError('no-handover', `There is nothing at ${path}.`, { cause })
  })
  if (!found.isDirectory()) return path
  const names = await readdir(path)
  if (names.length !== 1)
    throw new ActionError('no-handover', `${path} must hold the zip of one artifact and nothing else; it holds ${names.length} files.`)
  return join(path, names[0] ?? '')
}
