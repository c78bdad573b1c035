/** The proxy's weight on disk: one small JSON file, replaced as a whole and synced with its directory, so a killed process finds it again. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { replaceFile } from './durable-file.ts'

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
  await replaceFile(path, JSON.stringify({ percent }), 0o600)
}
