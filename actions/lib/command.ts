/** Says a command on the release pull request, as the person whose token it is, and waits for the App's reaction to it. */
import { z } from 'zod'
import { ActionError } from './error.ts'
import { asked, clientOf, repositoryOf } from './github.ts'
import type { RunFacts } from './run-facts.ts'

const EVERY_MS = 2_000
const LONGEST_S = 900

export interface CommandInputs {
  /** Of a person: the App hears no bot. */
  readonly token: string
  readonly pull: string
  /** Seconds to wait for the answer; `0`: not at all. */
  readonly wait: string
  readonly facts: Pick<RunFacts, 'apiUrl' | 'repository'>
  readonly sleep: (milliseconds: number) => Promise<void>
}

export interface Said {
  readonly url: string
  /** `waiting`: the App has not answered in that time. */
  readonly answer: 'accepted' | 'refused' | 'waiting'
}

const Reactions = z.array(z.object({ content: z.string(), user: z.object({ type: z.string() }).nullable() }))

/** @throws ActionError `bad-input`, `github-refused`, `github-unavailable` */
export async function say(body: string, { facts, pull, sleep, token, wait }: CommandInputs): Promise<Said> {
  if (!/^[1-9]\d{0,9}$/.test(pull)) throw new ActionError('bad-input', 'pull is not the number of a pull request.')
  if (!/^\d{1,3}$/.test(wait) || Number(wait) > LONGEST_S) throw new ActionError('bad-input', `wait is a number of seconds, 0 to ${LONGEST_S}.`)
  const github = clientOf(token, facts)
  const repository = repositoryOf(facts.repository)
  const { data } = await asked('post the comment', github.rest.issues.createComment({ ...repository, issue_number: Number(pull), body }))
  for (let left = Number(wait) * 1000; left > 0; left -= EVERY_MS) {
    await sleep(Math.min(EVERY_MS, left))
    const reactions = await asked(
      'read the reactions',
      github.rest.reactions.listForIssueComment({ ...repository, comment_id: data.id, per_page: 100 }),
    )
    const bots = Reactions.parse(reactions.data).filter(({ user }) => user?.type === 'Bot')
    if (bots.some(({ content }) => content === 'rocket')) return { url: data.html_url, answer: 'accepted' }
    if (bots.some(({ content }) => content === 'confused')) return { url: data.html_url, answer: 'refused' }
  }
  return { url: data.html_url, answer: 'waiting' }
}
