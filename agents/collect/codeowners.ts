/**
 * Input `codeowners`: the file at the commit, and which of its owners GitHub does not know.
 *
 * Existence is asked from `GET /repos/{owner}/{repo}/codeowners/errors`, which needs only `contents: read`. The team and member endpoints need
 * `Members: read`, which a job's token never has: there they answer 404 for everybody, so every team would look unknown.
 * https://docs.github.com/rest/repos/repos#list-codeowners-errors
 */
import { z } from 'zod'
import { get } from './api.ts'
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { blobText, headCommit, tree } from './git.ts'

/** In the order GitHub looks. */
const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']
/** GitHub ignores a larger file. */
const MAX_BYTES = 3_000_000
const WHAT = 'CODEOWNERS'

const Answer = z.object({
  errors: z.array(z.object({ line: z.number(), column: z.number(), kind: z.string(), message: z.string() })).max(5000),
})

export async function collectCodeowners(context: CollectContext): Promise<Collected<'codeowners'>> {
  const entries = await tree(context.workspace, await headCommit(context.workspace, context.sha))
  const entry = PLACES.map((place) => entries.find((candidate) => candidate.path === place)).find((found) => found !== undefined)
  if (entry === undefined) return { value: { file: null, problems: [] } }
  if (entry.mode === '120000' || entry.size > MAX_BYTES)
    throw new CollectError(
      'too-large',
      `${entry.path} is a link, or larger than the ${MAX_BYTES} bytes GitHub reads`,
      `Make ${entry.path} a smaller, regular file.`,
    )
  const text = await blobText(context.workspace, entry.object, MAX_BYTES)
  if (text === null) return { blocked: { what: WHAT, why: `${entry.path} is not UTF-8 text`, next: `Save ${entry.path} as UTF-8.` } }
  const { owner, name } = context.repository
  const answer = await get(context, `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/codeowners/errors?ref=${context.sha}`, Answer)
  if (answer === null)
    return {
      blocked: {
        what: WHAT,
        why: `GitHub does not see ${entry.path} at ${context.sha}, so its owners cannot be checked`,
        next: 'Push the commit, and give the job `contents: read`.',
      },
    }
  const problems = answer.errors.map(({ line, column, kind, message }) => ({
    line,
    column,
    kind: kind.slice(0, 100),
    message: message.slice(0, 2000),
  }))
  return { value: { file: { path: entry.path, text }, problems } }
}
