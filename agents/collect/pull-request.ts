/** Input `pullRequest`: the release pull request as GitHub has it now. */
import { z } from 'zod'
import { get } from './api.ts'
import type { CollectContext, Collected } from './collector.ts'

/** The keys that are read of https://docs.github.com/rest/pulls/pulls#get-a-pull-request */
const Side = z.object({ ref: z.string(), sha: z.string() })
const Answer = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string().nullable(),
  labels: z.array(z.object({ name: z.string() })),
  head: Side,
  base: Side,
})

const WHAT = 'the release pull request'

export async function collectPullRequest(context: CollectContext): Promise<Collected<'pullRequest'>> {
  const { owner, name } = context.repository
  if (context.pull === null)
    return {
      blocked: {
        what: WHAT,
        why: 'the run names no pull request',
        next: 'Give the workflow the input `pull`, the number of the release pull request; at a desk --pull and GITHUB_TOKEN, or --pull-body.',
      },
    }
  const answer = await get(context, `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/pulls/${context.pull}`, Answer)
  if (answer === null)
    return {
      blocked: {
        what: WHAT,
        why: `GitHub knows no pull request ${context.pull} in ${owner}/${name}, or the token may not see it`,
        next: 'Check the input `pull`, and give the job `pull-requests: read`.',
      },
    }
  if (answer.head.sha !== context.sha)
    return {
      blocked: {
        what: WHAT,
        why: `its head is ${answer.head.sha}, but this run looks at ${context.sha}`,
        next: 'Run the phase on the head commit of the pull request.',
      },
    }
  const labels = answer.labels.map((label) => label.name).toSorted()
  return { value: { number: answer.number, title: answer.title, body: answer.body ?? '', labels, head: pick(answer.head), base: pick(answer.base) } }
}

function pick(side: z.infer<typeof Side>): { ref: string; sha: string } {
  return { ref: side.ref, sha: side.sha }
}
