/** A pack as a file on the disk: read through one window, so that a pack of any size takes the memory of its largest entry. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Archive } from '../../../evidence/pack/archive.ts'

const WINDOW = 4 << 20

export interface ArchiveFile extends Archive, Disposable {
  read(from: number, to: number): Uint8Array
}

/** @param path absolute @throws what the disk throws */
export function openArchiveFile(path: string): ArchiveFile {
  const file = openSync(path, 'r')
  const { size } = fstatSync(file)
  let window = Buffer.allocUnsafeSlow(Math.min(WINDOW, size))
  let [start, end] = [0, 0]
  return {
    size,
    read(from, to) {
      if (from < start || to > end) {
        if (window.length < to - from) window = Buffer.allocUnsafeSlow(to - from)
        start = from
        end = from + filled(file, window, from)
      }
      return window.subarray(from - start, Math.min(to, end) - start)
    },
    [Symbol.dispose]: () => closeSync(file),
  }
}

/** @returns how many bytes there were */
function filled(file: number, window: Buffer, from: number): number {
  let at = 0
  for (;;) {
    const got = readSync(file, window, at, window.length - at, from + at)
    at += got
    if (got === 0 || at === window.length) return at
  }
}
