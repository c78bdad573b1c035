/** What the rules are asked about: each document of each file of the head, as plain data. */
import { posix } from 'node:path'
import { digestOf } from '../../../evidence/core/digest.ts'
import { parseJson } from '../../../evidence/core/json.ts'
import type { DocumentKind, PolicyAsk } from '../../../evidence/model/config/policies.ts'
import { isListed } from '../../../evidence/sbom/glob.ts'
import { readYaml } from '../../yaml.ts'
import type { CollectContext } from '../collector.ts'
import { collectDockerfiles } from '../dockerfiles.ts'
import { isOwn, readFiles } from '../files.ts'
import { tree } from '../git.ts'
import type { PolicyDocument } from '../inputs.policies.ts'
import type { ReadFile } from '../inputs.supply-chain.ts'
import { collectManifests } from '../manifests.ts'
import { CONFIG_PATH } from '../policy.ts'
import { collectWorkflows } from '../workflows.ts'
import { dockerCommands } from './docker-commands.ts'

export interface AskedDocument {
  /** In the list of documents. */
  readonly place: number
  readonly value: unknown
  /** As `data.conftest.file`. */
  readonly file: { readonly name: string; readonly dir: string }
  /** Of its JSON. */
  readonly bytes: number
}

export interface Documents {
  readonly listed: readonly PolicyDocument[]
  /** By package, those that can be read. */
  readonly asked: ReadonlyMap<string, readonly AskedDocument[]>
}

interface KnownFile extends ReadFile {
  readonly kind: PolicyDocument['kind']
}

const MOST_DOCUMENTS = 5000
const YAML = { text: 4 << 20, documents: 1000 }
const LIMITS = { what: 'files for policies', files: 1000, fileBytes: 4 << 20, totalBytes: 16 << 20 }

/** @throws CollectError */
export async function documentsOf(context: CollectContext, head: string, asks: readonly PolicyAsk[]): Promise<Documents> {
  const files = await filesOf(context, head, asks)
  const listed: PolicyDocument[] = []
  const asked = new Map<string, AskedDocument[]>(asks.map((ask) => [ask.package, []]))
  for (const file of files) {
    const wanted = [...new Set(asks.filter((ask) => isFor(ask, file)).map((ask) => ask.package))]
    if (wanted.length === 0) continue
    for (const [index, read] of valuesOf(file).entries()) {
      if (listed.length >= MOST_DOCUMENTS) {
        listed[MOST_DOCUMENTS - 1] = {
          ...problemOf(file, index),
          problem: `at most ${MOST_DOCUMENTS} documents are read; this one and those after it are not`,
        }
        return { listed, asked: without(asked, MOST_DOCUMENTS - 1) }
      }
      const place = listed.length
      const { path, kind } = file
      listed.push({ path, index, kind, ...read.told })
      if (read.value === undefined) continue
      const given = { name: posix.basename(path), dir: posix.dirname(path) }
      for (const name of wanted) asked.get(name)?.push({ place, value: read.value, file: given, bytes: read.bytes })
    }
  }
  return { listed, asked }
}

function without(asked: ReadonlyMap<string, readonly AskedDocument[]>, place: number): Documents['asked'] {
  return new Map([...asked].map(([name, documents]) => [name, documents.filter((one) => one.place !== place)]))
}

function problemOf({ path, kind }: KnownFile, index: number): PolicyDocument {
  return { path, index, kind, sha256: null, problem: null }
}

function isFor(ask: PolicyAsk, { kind, path }: KnownFile): boolean {
  return (kind !== 'files' && ask.documents.includes(kind)) || isListed(path, ask.files)
}

/** Each file once: what a kind finds, then what patterns name. */
async function filesOf(context: CollectContext, head: string, asks: readonly PolicyAsk[]): Promise<readonly KnownFile[]> {
  const entries = await tree(context.workspace, head)
  const wants = (kind: DocumentKind): boolean => asks.some(({ documents }) => documents.includes(kind))
  const found: KnownFile[] = []
  if (wants('kubernetes') || wants('terraform')) {
    const { value } = await had(collectManifests(context))
    const templates = value.charts.map((chart) => `${chart.slice(0, chart.lastIndexOf('/') + 1)}templates/`)
    for (const { kind, ...file } of value.files)
      if ((kind === 'kubernetes' || kind === 'terraform') && !templates.some((below) => file.path.startsWith(below))) found.push({ ...file, kind })
  }
  if (wants('workflows')) found.push(...(await had(collectWorkflows(context))).value.files.map((file) => ({ ...file, kind: 'workflows' as const })))
  if (wants('dockerfiles'))
    found.push(...(await had(collectDockerfiles(context))).value.files.map((file) => ({ ...file, kind: 'dockerfiles' as const })))
  const config = wants('config') ? entries.filter(({ path }) => path === CONFIG_PATH) : []
  found.push(...(await readFiles(context, config, LIMITS)).map((file) => ({ ...file, kind: 'config' as const })))
  const known = new Set(found.map(({ path }) => path))
  const named = entries.filter((entry) => isOwn(entry) && !known.has(entry.path) && asks.some(({ files }) => isListed(entry.path, files)))
  found.push(...(await readFiles(context, named, LIMITS)).map((file) => ({ ...file, kind: 'files' as const })))
  return [...new Map(found.toReversed().map((file) => [file.path, file])).values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** These collectors read Git objects only: what they cannot have, they throw. */
async function had<Value>(
  collected: Promise<{ readonly value: Value } | { readonly blocked: { readonly why: string } }>,
): Promise<{ readonly value: Value }> {
  const found = await collected
  if ('blocked' in found) throw new Error(found.blocked.why)
  return found
}

interface ReadDocument {
  /** undefined: it cannot be read. */
  readonly value: unknown
  readonly bytes: number
  readonly told: Pick<PolicyDocument, 'sha256' | 'problem'>
}

function valuesOf(file: KnownFile): ReadDocument[] {
  if (file.text === null) return [unread(file.why ?? 'it cannot be read')]
  if (file.kind === 'dockerfiles') return [known(dockerCommands(file.text))]
  if (/\.json$/i.test(file.path)) return jsonOf(file.text)
  const read = readYaml(file.text, YAML)
  if ('problem' in read) return [unread(`line ${read.problem.line}: ${read.problem.message}`)]
  return split(read.documents.map(({ value }) => value)).map(known)
}

function jsonOf(text: string): ReadDocument[] {
  try {
    return split([parseJson(Buffer.from(text))]).map(known)
  } catch (error) {
    return [unread(error instanceof Error ? error.message : 'it is no JSON')]
  }
}

/** Of a file that is one list each item is a document, as Conftest has it. */
function split(documents: readonly unknown[]): readonly unknown[] {
  const [only] = documents
  return documents.length === 1 && Array.isArray(only) ? (only as unknown[]) : documents
}

function known(value: unknown): ReadDocument {
  try {
    return { value, bytes: Buffer.byteLength(JSON.stringify(value)), told: { sha256: digestOf(value), problem: null } }
  } catch (error) {
    return unread(`it is nothing that JSON can say: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function unread(why: string): ReadDocument {
  return { value: undefined, bytes: 0, told: { sha256: null, problem: why.slice(0, 1000) } }
}
