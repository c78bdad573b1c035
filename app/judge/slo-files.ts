/** The OpenSLO files that a policy names, beside it: a path, or a pattern such as `slo/*.yaml`. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isListed } from '../../evidence/sbom/glob.ts'
import type { Objective } from '../../gates/judge/burn.ts'
import { LineError } from './error.ts'
import { objectivesIn } from './objectives.ts'

const MOST_BYTES = 64 << 10
const MOST_FILES = 200

/** @throws LineError `objectives` with the file and why */
export async function objectivesOf(folder: string, patterns: readonly string[]): Promise<readonly Objective[]> {
  const found: Objective[] = []
  for (const pattern of patterns) {
    const files = await filesOf(folder, pattern)
    if (files.length === 0) throw new LineError('objectives', 1, `no file is ${pattern}`)
    for (const file of files) found.push(...(await read(folder, file)))
  }
  return found
}

async function filesOf(folder: string, pattern: string): Promise<readonly string[]> {
  const fixed = pattern.split('/').slice(0, -1)
  const wild = fixed.findIndex((part) => /[*?]/.test(part))
  const root = (wild === -1 ? fixed : fixed.slice(0, wild)).join('/')
  const entries = await readdir(join(folder, root), { recursive: wild !== -1, withFileTypes: true }).catch(() => [])
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder).length).replaceAll('\\', '/').replace(/^\/+/, ''))
  return names
    .filter((name) => isListed(name, [pattern]))
    .toSorted()
    .slice(0, MOST_FILES)
}

async function read(folder: string, file: string): Promise<readonly Objective[]> {
  const path = join(folder, file)
  if ((await stat(path)).size > MOST_BYTES) throw new LineError('objectives', 1, `${file} has more than ${MOST_BYTES} bytes`)
  const found = objectivesIn(await readFile(path, 'utf8'), file)
  if (typeof found === 'string') throw new LineError('objectives', 1, found)
  return found.objectives
}
