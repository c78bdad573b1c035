/** The OpenSLO files that the config names -> what they say, read at the config's own commit. What cannot be read is said, and promotes nothing. */
import type { Config } from '../../evidence/model/config.ts'
import { isListed } from '../../evidence/sbom/glob.ts'
import { sloPatterns } from '../../evidence/slo/files.ts'
import { describeSloProblem } from '../../evidence/slo/problem.ts'
import { registryOf } from '../../evidence/slo/registry.ts'
import type { SloFacts } from './facts.ts'
import type { ReadPort, Repository } from './ports.ts'

const MOST_BYTES = 64 << 10
const MOST_FILES = 50
const MOST_FOLDERS = 20
const MOST_KEPT = 32

type Read = Pick<ReadPort, 'file' | 'folder'>

/** A commit never changes, so what was read once is known. */
const known = new Map<string, SloFacts>()

/** @returns undefined when the config names none */
export async function slosAt(
  read: Read,
  repository: Repository,
  config: Pick<Config, 'slos' | 'golden_paths'>,
  commit: string,
): Promise<SloFacts | undefined> {
  const patterns = sloPatterns(config)
  if (patterns.length === 0) return undefined
  const key = JSON.stringify([repository.id, commit, patterns])
  const before = known.get(key)
  if (before !== undefined) return before
  try {
    const found = await readAll(read, repository, patterns, commit)
    if (known.size >= MOST_KEPT) known.clear()
    known.set(key, found)
    return found
  } catch (error) {
    return { ok: false, message: `the files of slos could not be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

async function readAll(read: Read, repository: Repository, patterns: readonly string[], commit: string): Promise<SloFacts> {
  const listed = new Set<string>()
  const looked = new Set<string>()
  for (const pattern of patterns.filter((each) => !each.startsWith('!'))) {
    const paths = (await pathsOf(read, repository, pattern, commit, looked)).filter((path) => isListed(path, [pattern]))
    if (paths.length === 0) return { ok: false, message: `slos names ${pattern}, and there is no such file at ${commit.slice(0, 12)}` }
    for (const path of paths) if (isListed(path, patterns)) listed.add(path)
  }
  if (listed.size > MOST_FILES) return { ok: false, message: `slos names ${listed.size} files; at most ${MOST_FILES} are read` }
  const files: { path: string; text: string }[] = []
  for (const path of [...listed].toSorted()) {
    const file = await read.file(repository, path, commit, MOST_BYTES)
    if (file === null) return { ok: false, message: `slos names ${path}, and there is no such file at ${commit.slice(0, 12)}` }
    files.push({ path, text: file.text })
  }
  const { slos, problems } = registryOf(files)
  const [problem] = problems
  return problem === undefined ? { ok: true, slos } : { ok: false, message: `slos cannot be used: ${describeSloProblem(problem)}` }
}

/** Without a wild card the path itself; else what lies below the part without one. */
async function pathsOf(read: Read, repository: Repository, pattern: string, commit: string, looked: Set<string>): Promise<readonly string[]> {
  const parts = pattern.split('/')
  const wild = parts.findIndex((part) => /[*?]/.test(part))
  if (wild === -1) return [pattern]
  const found: string[] = []
  const folders = [parts.slice(0, wild).join('/')]
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    looked.add(folder)
    if (looked.size > MOST_FOLDERS) throw new Error(`${pattern} leads through more than ${MOST_FOLDERS} folders; name the files closer`)
    for (const { path, kind } of (await read.folder(repository, folder, commit)) ?? []) {
      if (kind === 'file') found.push(path)
      if (kind === 'folder' && wild < parts.length - 1) folders.push(path)
    }
  }
  return found
}
