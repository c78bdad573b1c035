/** What `gates.supply_chain` of the base branch says: the collectors that read its folder, its lock files and its root need it before any agent runs. */
import { parseConfig } from '../../evidence/config/parse.ts'
import { SupplyChainPolicy } from '../../evidence/model/config/supply-chain.ts'
import type { Blocked, CollectContext } from './collector.ts'
import { blobs, blobText, textOf, type TreeEntry } from './git.ts'
import { MAX_FILE_BYTES, type ReadFile } from './inputs.supply-chain.ts'
import { collectPolicy } from './policy.ts'

export async function supplyChainSettings(context: CollectContext): Promise<SupplyChainPolicy | { readonly blocked: Blocked }> {
  const policy = await collectPolicy(context)
  if ('blocked' in policy) return policy
  const parsed = parseConfig(policy.value.text, { supply_chain: SupplyChainPolicy })
  if (parsed.ok) return SupplyChainPolicy.parse(parsed.config.gates.supply_chain ?? {})
  const [first] = parsed.errors
  const why = first === undefined ? 'it cannot be used' : `line ${first.line}: ${first.key} ${first.message}`
  return { blocked: { what: 'gates.supply_chain', why: why.slice(0, 500), next: 'Run `release-conductor config check`.' } }
}

/** How much of one input is left to read, so that many files cannot be too much together. */
export interface Allowance {
  left: number
}

/** One file of a commit, by its entry in the tree; undefined: there is none. */
export async function readEntry(context: CollectContext, path: string, entry: TreeEntry | undefined, allowance: Allowance): Promise<ReadFile> {
  const why = refusal(entry, allowance)
  if (entry === undefined || why !== null) return { path, text: null, why }
  allowance.left -= entry.size
  return read(path, await blobText(context.workspace, entry.object, MAX_FILE_BYTES))
}

/** What one process reads at once. */
const MAX_BATCH_BYTES = 4 << 20

/** Many files of one commit, as `readEntry` reads each, in the order asked. */
export async function readEntries(
  context: CollectContext,
  asked: readonly { readonly path: string; readonly entry: TreeEntry | undefined }[],
  allowance: Allowance,
): Promise<ReadFile[]> {
  const files: ReadFile[] = []
  const batches: { readonly entries: TreeEntry[]; bytes: number }[] = []
  for (const { path, entry } of asked) {
    const why = refusal(entry, allowance)
    files.push({ path, text: null, why })
    if (entry === undefined || why !== null) continue
    allowance.left -= entry.size
    const last = batches.at(-1)
    if (last === undefined || last.bytes + entry.size > MAX_BATCH_BYTES) batches.push({ entries: [entry], bytes: entry.size })
    else {
      last.entries.push(entry)
      last.bytes += entry.size
    }
  }
  const wanted = files.filter(({ why }) => why === null)
  for (const { entries, bytes } of batches) {
    const found = await blobs(
      context.workspace,
      entries.map(({ object }) => object),
      bytes,
    )
    for (const [at, file] of wanted.splice(0, entries.length).entries()) {
      const blob = found[at] ?? null
      Object.assign(file, read(file.path, blob === null ? null : textOf(blob)))
    }
  }
  return files
}

function refusal(entry: TreeEntry | undefined, { left }: Allowance): string | null {
  if (entry === undefined) return 'there is no such file'
  if (entry.mode === '120000' || entry.type !== 'blob') return 'it is no regular file'
  if (entry.size > MAX_FILE_BYTES) return `it has ${entry.size} bytes, more than ${MAX_FILE_BYTES}`
  return entry.size > left ? 'the files before it are too large together' : null
}

function read(path: string, text: string | null): ReadFile {
  return { path, text, why: text === null ? 'it is not UTF-8 text' : null }
}
