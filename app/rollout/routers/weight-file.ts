/** The proxy's weight on disk: one small JSON file, replaced as a whole and synced with its directory, so a killed process finds it again. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'

const Saved = z.strictObject({ percent: z.number().int().min(0).max(100) })

export type Loaded =
  | { readonly percent: number; readonly from: 'file' | 'nothing' }
  | { readonly percent: 0; readonly from: 'unreadable'; readonly why: string }

/** A missing file is weight 0. So is one that cannot be read: all traffic on stable is the one safe guess, and the caller is told. */
export async function loadWeight(path: string): Promise<Loaded> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { percent: 0, from: 'nothing' }
    return { percent: 0, from: 'unreadable', why: String(error) }
  }
  try {
    return { percent: Saved.parse(JSON.parse(text)).percent, from: 'file' }
  } catch {
    return { percent: 0, from: 'unreadable', why: `${path} does not hold {"percent": 0..100}` }
  }
}

/** Resolves when the weight would survive a power cut. @throws the file system's own error */
export async function saveWeight(path: string, percent: number): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  const next = `${path}.next`
  const file = await open(next, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify({ percent }))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(next, path)
  const entry = await open(folder, 'r')
  try {
    await entry.sync()
  } finally {
    await entry.close()
  }
}
