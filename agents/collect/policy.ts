/** Input `policy`: the config of the base branch, never of the pull request's head. */
import type { CollectContext, Collected } from './collector.ts'
import { baseCommit, blobText, tree } from './git.ts'

export const CONFIG_PATH = '.github/release-conductor.yml'
const MAX_BYTES = 512 << 10
const WHAT = `${CONFIG_PATH} on the base branch`

export async function collectPolicy(context: CollectContext): Promise<Collected<'policy'>> {
  const base = await baseCommit(context.workspace, context.base)
  if (context.config !== undefined) return { value: { base, path: CONFIG_PATH, text: context.config } }
  const entry = (await tree(context.workspace, base)).find((candidate) => candidate.path === CONFIG_PATH)
  if (entry === undefined || entry.mode === '120000')
    return {
      blocked: {
        what: WHAT,
        why: `${context.base} has no regular file ${CONFIG_PATH}`,
        next: 'Run `release-conductor init` and merge the file into the base branch.',
      },
    }
  const text = entry.size > MAX_BYTES ? null : await blobText(context.workspace, entry.object, MAX_BYTES)
  if (text === null)
    return { blocked: { what: WHAT, why: `it is not UTF-8 text of at most ${MAX_BYTES} bytes`, next: 'Run `release-conductor config check`.' } }
  return { value: { base, path: CONFIG_PATH, text } }
}
