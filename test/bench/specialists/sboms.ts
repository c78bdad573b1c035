/** SBOMs of lock files: ours beside syft's, package by package. */
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SbomError } from '../../../evidence/sbom/error.ts'
import type { Inventory } from '../../../evidence/sbom/inventory.ts'
import { besidePath } from '../../../evidence/sbom/lock-names.ts'
import { readLockFile } from '../../../evidence/sbom/lock.ts'
import { pypiName } from '../../../evidence/sbom/pypi.ts'
import { ended } from '../../support/tools.ts'
import { compare, type Seen } from './compare.ts'
import { corpus, DEPLOYED, nameOf, PROJECTS as WITH_WORKFLOWS, type CorpusFile } from './corpus.ts'
import { SBOMS } from './explained.sboms.ts'
import { programOf, type Part } from './part.ts'

const CLASSES = ['package with its version', 'package URL', 'digest of a package', 'licence of a package', 'edge between packages']
const LOCK = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|requirements\.txt)$|^go\.mod$/
const TESTS = /(?:^|\/)(?:testdata|test|tests|test-fixtures)\//
const PROJECTS = [...new Set([...WITH_WORKFLOWS, ...DEPLOYED])].toSorted()
const SETTINGS = { SYFT_JAVASCRIPT_INCLUDE_DEV_DEPENDENCIES: 'true', SYFT_CHECK_FOR_APP_UPDATE: 'false', SYFT_GOLANG_USE_PACKAGES_LIB: 'false' }

export const syft: Part = {
  topic: 'SBOMs of lock files',
  specialist: 'syft',
  explained: SBOMS,
  async run(dir) {
    const program = programOf('syft')
    const locks = (await corpus(LOCK, PROJECTS, 16 << 20)).filter(({ path }) => !TESTS.test(path))
    const [ours, theirs]: [Seen[], Seen[]] = [[], []]
    let packages = 0
    for (const [index, lock] of locks.entries()) {
      const inventory = await inventoryOf(lock)
      const document = await scanned(program, lock, join(dir, String(index)))
      packages += inventory.components.length
      ours.push(...factsOf(nameOf(lock), inventory, document))
      theirs.push(...theirFacts(nameOf(lock), document, inventory))
    }
    return { what: `${locks.length} lock files of ${PROJECTS.length} projects, with ${packages} packages`, compared: compare(CLASSES, ours, theirs) }
  },
}

async function inventoryOf({ at }: CorpusFile): Promise<Inventory> {
  const beside = besidePath(at)
  const inventory = readLockFile({ path: basename(at), bytes: await readFile(at), ...(beside !== null && { manifest: await readFile(beside) }) })
  if (inventory instanceof SbomError) throw inventory
  return inventory
}

interface Document {
  readonly artifacts: readonly {
    readonly id: string
    readonly name: string
    readonly version: string
    readonly purl: string
    readonly licenses?: readonly unknown[]
    readonly metadata?: { readonly integrity?: string }
  }[]
  readonly artifactRelationships: readonly { readonly parent: string; readonly child: string; readonly type: string }[]
}

/** The lock file alone: what is installed, or stands elsewhere, is another question. */
async function scanned(program: string, { at }: CorpusFile, folder: string): Promise<Document> {
  await mkdir(folder)
  await copyFile(at, join(folder, basename(at)))
  if (basename(at) === 'go.mod') await copyFile(join(dirname(at), 'go.sum'), join(folder, 'go.sum'))
  const args = [
    'scan',
    '--quiet',
    '--output=syft-json',
    '--override-default-catalogers=javascript-lock-cataloger,go-module-file-cataloger,python-package-cataloger',
    `dir:${folder}`,
  ]
  const { code, out, err } = await ended(program, args, { env: SETTINGS })
  if (code !== 0) throw new Error(`syft ended with ${code}: ${err.slice(0, 300)}`)
  return JSON.parse(out) as Document
}

/** The class and what is said, for each thing that one says. */
function facts(lock: string, said: Readonly<Record<string, Iterable<string>>>): Seen[] {
  return Object.entries(said).flatMap(([name, of]) => [...new Set(of)].map((what) => ({ class: name, file: `${lock}: ${what}` })))
}

/** One name for all its spellings: ours is that of the file, syft's of Python the normal form. */
function nameIn({ name, purl }: { readonly name: string; readonly purl: string }): string {
  return purl.startsWith('pkg:pypi/') ? pypiName(name) : name
}

function factsOf(lock: string, { components, edges }: Inventory, theirs: Document): Seen[] {
  const named = new Map(components.map((part) => [part.ref, `${nameIn(part)}@${part.version}`]))
  const known = new Set(theirEdges(theirs))
  return facts(lock, {
    'package with its version': named.values(),
    'package URL': components.map(({ purl }) => purl),
    'digest of a package': components.flatMap(({ name, version, hashes }) => hashes.map(({ alg, hex }) => `${name}@${version} ${alg} ${hex}`)),
    'licence of a package': components.filter(({ licence }) => licence !== null).map(({ name, version }) => `${name}@${version}`),
    'edge between packages': edges.flatMap(({ from, to, kind }) => {
      const edge = `${named.get(from) ?? 'the project'} -> ${named.get(to) ?? 'the project'}`
      return named.has(from) ? [known.has(edge) ? edge : `${edge} (${kind})`] : []
    }),
  })
}

function theirFacts(lock: string, document: Document, { components, edges }: Inventory): Seen[] {
  const named = new Map(components.map(({ ref, name, version }) => [ref, { name, version }]))
  const ours = new Map<string, Set<string>>()
  for (const { from, to } of edges) {
    const [a, b] = [named.get(from), named.get(to)]
    if (a === undefined || b === undefined) continue
    const key = `${a.name}@${a.version} -> ${b.name}@`
    ours.set(key, (ours.get(key) ?? new Set()).add(b.version))
  }
  return facts(lock, {
    'package with its version': document.artifacts.map((part) => `${nameIn(part)}@${part.version}`),
    'package URL': document.artifacts.map(({ purl }) => purl),
    'digest of a package': document.artifacts.flatMap(({ name, version, metadata }) =>
      digestsIn(metadata?.integrity ?? '').map((digest) => `${name}@${version} ${digest}`),
    ),
    'licence of a package': document.artifacts.filter(({ licenses }) => (licenses ?? []).length > 0).map(({ name, version }) => `${name}@${version}`),
    'edge between packages': theirEdges(document).map((edge) => {
      const at = edge.lastIndexOf('@') + 1
      const versions = ours.get(edge.slice(0, at))
      return versions === undefined || versions.has(edge.slice(at)) ? edge : `${edge} (another version is meant)`
    }),
  })
}

function theirEdges({ artifacts, artifactRelationships }: Document): string[] {
  const named = new Map(artifacts.map(({ id, name, version }) => [id, `${name}@${version}`]))
  return artifactRelationships.flatMap(({ parent, child, type }) =>
    type === 'dependency-of' && named.has(parent) && named.has(child) ? [`${named.get(child)} -> ${named.get(parent)}`] : [],
  )
}

/** `sha512-…` in base64, one or several -> `SHA-512 <hex>`; what yarn 2 writes is a digest of its own archive. */
function digestsIn(integrity: string): string[] {
  return [...integrity.matchAll(/\bsha(1|256|384|512)-([A-Za-z0-9+/=]+)/g)].map(
    ([, bits = '', base64 = '']) => `SHA-${bits} ${Buffer.from(base64, 'base64').toString('hex')}`,
  )
}
