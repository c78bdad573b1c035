/** What GitHub finds wrong in a CODEOWNERS file: owners it does not know, and lines it cannot read. */
import { ok, route, type Call, type Route } from '../http/call.ts'
import { notFound } from '../world/error.ts'
import * as git from '../world/git.ts'
import type { Json } from '../world/model.ts'
import { atLeast, roleIn } from '../world/world.ts'
import { text } from './read.ts'

/** In the order GitHub looks. */
const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const
const MAX_FILE = 3_000_000

/** Why an owner does not count, or null. Which teams may write is not modelled: a team that exists counts. */
const wrong = (call: Call, owner: string): { kind: string; suggestion: string } | null => {
  const { world, repository } = call
  if (!owner.startsWith('@')) {
    if (!/^[^@\s]+@[^@\s]+$/.test(owner)) return { kind: 'Invalid owner', suggestion: 'an owner is @user, @organization/team or an e-mail address' }
    const found = [...world.accounts.values()].some((one) => one.email.toLowerCase() === owner.toLowerCase())
    return found ? null : { kind: 'Unknown owner', suggestion: `make sure the e-mail address ${owner} belongs to a user` }
  }
  const [login = '', slug] = owner.slice(1).split('/')
  if (slug !== undefined) {
    const found = world.teams.some((one) => one.org.toLowerCase() === login.toLowerCase() && one.slug === slug)
    return found
      ? null
      : { kind: 'Unknown owner', suggestion: `make sure the team ${owner} exists, is publicly visible, and has write access to the repository` }
  }
  const account = world.accounts.get(login.toLowerCase())
  if (account && account.type !== 'Organization' && atLeast(roleIn(repository, account), 'write')) return null
  return { kind: 'Unknown owner', suggestion: `make sure ${owner} exists and has write access to the repository` }
}

const errorsOf = (call: Call, path: string, source: string): Json[] =>
  source.split('\n').flatMap((raw, index) => {
    const line = raw.replace(/\r$/, '').replace(/(^|\s)#.*$/, '')
    const [pattern, ...owners] = line.trim().split(/\s+/)
    if (!pattern) return []
    const at = (word: string): number => Math.max(1, raw.indexOf(word) + 1)
    const fault = (word: string, kind: string, suggestion: string): Json => ({
      line: index + 1,
      column: at(word),
      kind,
      source: raw,
      suggestion,
      message: `${kind} on line ${index + 1}: ${suggestion}\n\n  ${raw}\n  ${' '.repeat(at(word) - 1)}^`,
      path,
    })
    const bad =
      pattern.startsWith('!') || pattern.includes('***') || /\[[^\]]*\]/.test(pattern)
        ? [fault(pattern, 'Invalid pattern', 'use a pattern of .gitignore without !, [ ] and ***')]
        : []
    return [
      ...bad,
      ...owners.flatMap((owner) => {
        const reason = wrong(call, owner)
        return reason ? [fault(owner, reason.kind, reason.suggestion)] : []
      }),
    ]
  })

export const codeownersRoutes: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/codeowners/errors', async (call) => {
    const one = call.repository
    const sha = await git.resolve(one.gitDir, text(call.query['ref']) || one.defaultBranch)
    if (!sha) throw notFound()
    for (const path of PLACES) {
      const found = await git.entry(one.gitDir, sha, path)
      if (found?.type === 'file' && found.bytes.length <= MAX_FILE) return ok({ errors: errorsOf(call, path, found.bytes.toString('utf8')) })
    }
    throw notFound()
  }),
]
