/** `status`: where the release stands, from its checks on GitHub and from what the App's status comment says keeps it. */
import { z } from 'zod'
import { API_MEANING, API_OPTIONS, pullOf, userApi } from '../github.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Exit, Verb } from '../verb.ts'

const Checks = z.object({
  check_runs: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullable(),
      html_url: z.string().nullish(),
      output: z.object({ title: z.string().nullable() }),
    }),
  ),
})
type Check = z.infer<typeof Checks>['check_runs'][number]

const Comments = z.array(z.object({ body: z.string().nullish(), user: z.object({ type: z.string() }).nullish() }))

/** The App's comment is among the first of its pull request: its title, and what it quotes as keeping the release. Only for people to read. */
function saidOf(comments: z.infer<typeof Comments>, pull: number): readonly string[] {
  const status = comments.find(({ body, user }) => user?.type === 'Bot' && body?.startsWith(`<!-- release-conductor:status:${pull} -->`) === true)
  const lines = status?.body?.split(/\r?\n/) ?? []
  const title = lines.flatMap((line) => /^## Release (.+)$/.exec(line)?.[1] ?? []).slice(0, 1)
  return [...title, ...lines.flatMap((line) => /^> (?!```|\/)(.+)$/.exec(line)?.[1] ?? [])].map(plain)
}

/** Our Markdown without its escapes, and without what a terminal would obey. */
function plain(text: string): string {
  return text
    .replace(/\\([\\`*_{}[\]()#+!|~$-])/g, '$1')
    .replace(/\p{C}/gu, '')
    .slice(0, 500)
}

const HOLDS = new Set(['success', 'neutral'])

/** A check that is not finished, or that nobody made, proves nothing. */
function verdictOf(checks: readonly Check[]): Exit {
  if (checks.some((check) => check.conclusion === 'failure')) return EXIT.no
  return checks.length > 0 && checks.every((check) => check.conclusion !== null && HOLDS.has(check.conclusion)) ? EXIT.ok : EXIT.indeterminate
}

export const status: Verb = {
  name: 'status',
  summary: 'Shows where the release stands: one line per gate.',
  usage: '[--pull=N] [--repo=owner/name]',
  examples: [
    ['release-conductor status', 'the open release of this repository'],
    ['release-conductor status --pull=12 --json', 'as data; exit code 0 only when every gate holds'],
  ],
  options: API_OPTIONS,
  meaning: API_MEANING,
  words: { least: 0, most: 0 },
  async run(call) {
    const api = await userApi(call)
    const pull = await pullOf(call, api)
    const found = await api.ask('GET', `/commits/${pull.head.sha}/check-runs?per_page=100&filter=latest`, Checks)
    const checks = found.check_runs.filter((check) => check.name.startsWith('release-conductor/'))
    const said = saidOf(await api.ask('GET', `/issues/${pull.number}/comments?per_page=100`, Comments), pull.number)
    const rows = checks.map((check) => [check.name, check.conclusion ?? check.status, check.output.title ?? ''])
    const none = 'The App has made no check on this commit yet. Is it installed in this repository, and is the pull request not a draft?'
    return {
      exit: verdictOf(checks),
      text: `#${pull.number} ${pull.head.ref} -> ${pull.base.ref} at ${pull.head.sha}\n${pull.html_url}\n${said.map((line) => `${line}\n`).join('')}\n${rows.length === 0 ? none : table(['gate', 'state', 'says'], rows)}`,
      data: { pull: pull.number, said, head: pull.head, base: pull.base, url: pull.html_url, checks },
    }
  },
}
