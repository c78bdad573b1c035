/** The OpenSLO files that a policy names, beside it: a path, or a pattern such as `slo/*.yaml`. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isListed } from '../../evidence/sbom/glob.ts'
import { describeSloProblem } from '../../evidence/slo/problem.ts'
import { registryOf } from '../../evidence/slo/registry.ts'
import type { Objective } from '../../gates/judge/burn.ts'
import { LineError } from './error.ts'
import { heldTo } from './objectives.ts'

const MOST_BYTES = 64 << 10
const MOST_FILES = 200

/** Those that ticks can tell; the others say nothing here. @throws LineError `objectives` with the file and why */
export async function objectivesOf(folder: string, patterns: readonly string[]): Promise<readonly Objective[]> {
  const found = new Map<string, string>()
  for (const pattern of patterns) {
    const files = await filesOf(folder, pattern)
    if (files.length === 0) throw new LineError('objectives', 1, `no file is ${pattern}`)
    for (const file of files) found.set(file, await read(folder, file))
  }
  const { slos, problems } = registryOf([...found].map(([path, text]) => ({ path, text })))
  const [fault] = problems
  if (fault !== undefined) throw new LineError('objectives', 1, describeSloProblem(fault))
  return heldTo(slos, null).objectives
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

async function read(folder: string, file: string): Promise<string> {
  const path = join(folder, file)
  if ((await stat(path)).size > MOST_BYTES) throw new LineError('objectives', 1, `${file} has more than ${MOST_BYTES} bytes`)
  return await readFile(path, 'utf8')
}
