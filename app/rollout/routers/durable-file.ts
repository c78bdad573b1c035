/** A small file replaced as a whole: a reader sees the old text or the new one, and a power cut leaves one of them. */
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Resolves when the text would survive a power cut. @throws the file system's own error */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  const next = `${path}.next`
  const file = await open(next, 'w', mode)
  try {
    await file.writeFile(text)
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
