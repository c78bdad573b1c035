/** Who took part in the code of a pull request. Names and dates in a commit are whatever its author wrote; only GitHub's account ids count (SECURITY rows 17, 18). */
import type { Contributors } from '../release/ports.ts'
import type { Commit } from './answers.ts'

/**
 * Account ids of every author, committer and co-author, and of the pull request's author. A commit with one person who cannot be tied to an account
 * counts as unattributed.
 * @param pullAuthor account id; 0 when the account is gone
 */
export function contributorsOf(commits: readonly Commit[], pullAuthor: number): Contributors {
  const ids = new Set<number>()
  if (pullAuthor > 0) ids.add(pullAuthor)
  let unattributed = 0
  for (const commit of commits) {
    let known = true
    const byEmail = new Map<string, number>()
    for (const [account, signature] of [
      [commit.author, commit.commit.author],
      [commit.committer, commit.commit.committer],
    ] as const) {
      if (account?.id === undefined) known = false
      else {
        ids.add(account.id)
        if (signature?.email !== undefined) byEmail.set(signature.email.toLowerCase(), account.id)
      }
    }
    for (const email of coAuthors(commit.commit.message)) {
      const id = byEmail.get(email) ?? idInNoReply(email)
      if (id === null) known = false
      else ids.add(id)
    }
    if (!known) unattributed++
  }
  return { ids: [...ids].sort((a, b) => a - b), unattributed }
}

/** E-mail addresses of `Co-authored-by:` lines, in lower case. A line without a readable address gives an empty one, which nobody owns. */
function coAuthors(message: string): readonly string[] {
  return message
    .split(/\r?\n/)
    .filter((line) => /^co-authored-by:/i.test(line))
    .map((line) => (/<([^<>\s]{1,320})>\s*$/.exec(line)?.[1] ?? '').toLowerCase())
}

/** GitHub's own private addresses carry the account id: `123+login@users.noreply.github.com`. */
function idInNoReply(email: string): number | null {
  const digits = /^(\d{1,15})\+[^@]+@users\.noreply\.github\.com$/.exec(email)?.[1]
  return digits === undefined || Number(digits) === 0 ? null : Number(digits)
}
