/**
 * Who took part in the code of a pull request. Names, dates and e-mail addresses in a commit are whatever its author wrote, and GitHub makes accounts of
 * the addresses. So they only ever add people; who really brought an unsigned commit is whoever pushed it (SECURITY rows 17, 18).
 */
import type { Contributors } from '../release/ports.ts'
import type { Commit } from './answers.ts'
import type { Pushes } from './pushes.ts'

/**
 * Account ids of every author, committer and co-author, of the pull request's author, and of whoever pushed. A commit with one person who cannot be tied
 * to an account counts as unattributed, and so does one without a verified signature when not everybody who pushed is known.
 * @param pullAuthor account id; 0 when the account is gone @param pushes null: every signature is verified, so nobody was asked
 */
export function contributorsOf(commits: readonly Commit[], pullAuthor: number, pushes: Pushes | null): Contributors {
  const ids = new Set<number>(pushes?.ids)
  if (pullAuthor > 0) ids.add(pullAuthor)
  let unattributed = 0
  for (const commit of commits) {
    let known = isVerified(commit) || pushes?.isWhole === true
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

/** GitHub found a signature of the committer, or made the commit itself. */
export function isVerified({ commit }: Commit): boolean {
  return commit.verification?.verified === true
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
