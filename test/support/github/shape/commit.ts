/** How GitHub writes commits and changed files. */
import type { CommitInfo, FileChange } from '../world/git.ts'
import type { Account, Json, Repository } from '../world/model.ts'
import { nodeId, type World } from '../world/world.ts'
import { user } from './people.ts'
import { htmlUrl, repositoryUrl } from './repository.ts'

const UNSIGNED = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }

/** The account GitHub attributes an e-mail address to; null when none. */
export const byEmail = (world: World, email: string): Account | null => {
  for (const account of world.accounts.values())
    if (account.type !== 'Organization' && account.email.toLowerCase() === email.toLowerCase()) return account
  const match = /^(\d+)\+[^@]+@users\.noreply\.github\.com$/.exec(email)
  return match ? ([...world.accounts.values()].find((one) => one.id === Number(match[1])) ?? null) : null
}

export const commit = (world: World, one: Repository, info: CommitInfo): Json => {
  const at = repositoryUrl(world, one)
  const author = byEmail(world, info.author.email)
  const committer = byEmail(world, info.committer.email)
  return {
    sha: info.sha,
    node_id: nodeId('C', one.id) + info.sha.slice(0, 12),
    commit: {
      author: info.author,
      committer: info.committer,
      message: info.message,
      tree: { sha: info.tree, url: `${at}/git/trees/${info.tree}` },
      url: `${at}/git/commits/${info.sha}`,
      comment_count: 0,
      verification: UNSIGNED,
    },
    url: `${at}/commits/${info.sha}`,
    html_url: `${htmlUrl(world, one)}/commit/${info.sha}`,
    comments_url: `${at}/commits/${info.sha}/comments`,
    author: author ? user(world, author) : null,
    committer: committer ? user(world, committer) : null,
    parents: info.parents.map((sha) => ({ sha, url: `${at}/commits/${sha}`, html_url: `${htmlUrl(world, one)}/commit/${sha}` })),
  }
}

/** `GET /git/commits/{sha}`. */
export const gitCommit = (world: World, one: Repository, info: CommitInfo): Json => {
  const at = repositoryUrl(world, one)
  return {
    sha: info.sha,
    node_id: nodeId('C', one.id) + info.sha.slice(0, 12),
    url: `${at}/git/commits/${info.sha}`,
    html_url: `${htmlUrl(world, one)}/commit/${info.sha}`,
    author: info.author,
    committer: info.committer,
    tree: { sha: info.tree, url: `${at}/git/trees/${info.tree}` },
    message: info.message,
    parents: info.parents.map((sha) => ({ sha, url: `${at}/git/commits/${sha}`, html_url: `${htmlUrl(world, one)}/commit/${sha}` })),
    verification: UNSIGNED,
  }
}

/** As in check suites and workflow runs. */
export const simpleCommit = (info: CommitInfo): Json => ({
  id: info.sha,
  tree_id: info.tree,
  message: info.message,
  timestamp: info.committer.date,
  author: { name: info.author.name, email: info.author.email },
  committer: { name: info.committer.name, email: info.committer.email },
})

/** As in `push`. */
export const pushedCommit = (world: World, one: Repository, info: CommitInfo, files: readonly FileChange[]): Json => {
  const who = (person: CommitInfo['author']): Json => {
    const account = byEmail(world, person.email)
    return { name: person.name, email: person.email, ...(account ? { username: account.login } : {}) }
  }
  return {
    id: info.sha,
    tree_id: info.tree,
    distinct: true,
    message: info.message,
    timestamp: info.committer.date,
    url: `${htmlUrl(world, one)}/commit/${info.sha}`,
    author: who(info.author),
    committer: who(info.committer),
    added: files.filter((file) => file.status === 'added').map((file) => file.path),
    removed: files.filter((file) => file.status === 'removed').map((file) => file.path),
    modified: files.filter((file) => file.status === 'modified' || file.status === 'renamed').map((file) => file.path),
  }
}

export const diffEntry = (world: World, one: Repository, sha: string, file: FileChange): Json => {
  const path = encodeURIComponent(file.path)
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${htmlUrl(world, one)}/blob/${sha}/${path}`,
    raw_url: `${htmlUrl(world, one)}/raw/${sha}/${path}`,
    contents_url: `${repositoryUrl(world, one)}/contents/${path}?ref=${sha}`,
    ...(file.previous ? { previous_filename: file.previous } : {}),
  }
}
