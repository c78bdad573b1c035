/** Test data of other projects: never copied into this one, so it may be absent. Tests that need it are skipped then, and say so. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Folder of one corpus below `CORPORA` or `../shared/corpora`; null when it is not there. */
export function corpus(name: string): string | null {
  const folder = [process.env['CORPORA'] ?? '', '../shared/corpora', '../../shared/corpora'].find(
    (base) => base !== '' && existsSync(join(base, name)),
  )
  return folder === undefined ? null : join(folder, name)
}

/** What a skipped test is called: why, and how to run it. */
export function absent(name: string): string {
  return ` (skipped: no corpora/${name}; set CORPORA to the folder that holds it)`
}

/** Every JSON file below a folder, by its path in it; undefined for one that is broken on purpose. */
export function jsonFiles(folder: string): readonly (readonly [path: string, value: unknown])[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .sort()
    .map((path) => [path, parsed(readFileSync(join(folder, path), 'utf8'))] as const)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
