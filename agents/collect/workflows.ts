/** Input `workflows`: every workflow at the commit, and every action.yml of the repository's own. */
import type { CollectContext, Collected } from './collector.ts'
import { isOwn, readFiles } from './files.ts'
import { headCommit, tree } from './git.ts'

/** GitHub takes no workflow above 500 KB. */
const LIMITS = { what: 'workflows and actions', files: 500, fileBytes: 512 << 10, totalBytes: 16 << 20 }
const PATH = /^\.github\/workflows\/[^/]+\.ya?ml$|(?:^|\/)action\.ya?ml$/

export async function collectWorkflows(context: CollectContext): Promise<Collected<'workflows'>> {
  const head = await headCommit(context.workspace, context.sha)
  const found = (await tree(context.workspace, head)).filter((entry) => isOwn(entry) && PATH.test(entry.path))
  return { value: { head, files: await readFiles(context, found, LIMITS) } }
}
