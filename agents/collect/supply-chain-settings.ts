/** What `gates.supply_chain` of the base branch says: the collectors that read its folder, its lock files and its root need it before any agent runs. */
import { parseConfig } from '../../evidence/config/parse.ts'
import { SupplyChainPolicy } from '../../evidence/model/config/supply-chain.ts'
import type { Blocked, CollectContext } from './collector.ts'
import { blobText, type TreeEntry } from './git.ts'
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
  const unread = (why: string): ReadFile => ({ path, text: null, why })
  if (entry === undefined) return unread('there is no such file')
  if (entry.mode === '120000' || entry.type !== 'blob') return unread('it is no regular file')
  if (entry.size > MAX_FILE_BYTES) return unread(`it has ${entry.size} bytes, more than ${MAX_FILE_BYTES}`)
  if (entry.size > allowance.left) return unread('the files before it are too large together')
  allowance.left -= entry.size
  const text = await blobText(context.workspace, entry.object, MAX_FILE_BYTES)
  return text === null ? unread('it is not UTF-8 text') : { path, text, why: null }
}
