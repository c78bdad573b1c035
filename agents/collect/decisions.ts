/** Input `decisions`: the architecture decision records at the commit. */
import type { CollectContext, Collected } from './collector.ts'
import { isOwn, readFiles } from './files.ts'
import { headCommit, tree } from './git.ts'

const LIMITS = { what: 'decision records', files: 2000, fileBytes: 256 << 10, totalBytes: 16 << 20 }
/** docs/adr/0007-split-the-cart.md, doc/architecture/decisions/7_split.md */
const RECORD = /(?:^|\/)(?:adrs?|decisions)\/(?:adr-?)?\d{1,6}[-_.][^/]*\.(?:md|adoc|rst)$/i

export async function collectDecisions(context: CollectContext): Promise<Collected<'decisions'>> {
  const head = await headCommit(context.workspace, context.sha)
  const found = (await tree(context.workspace, head)).filter((entry) => isOwn(entry) && RECORD.test(entry.path))
  return { value: { head, files: await readFiles(context, found, LIMITS) } }
}
