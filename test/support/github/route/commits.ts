/** What lies in the bare repository: commits, comparisons, branches, contents. */
import { ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { commit as commitShape, diffEntry } from '../shape/commit.ts'
import { htmlUrl, repositoryUrl } from '../shape/repository.ts'
import { notFound, Refusal } from '../world/error.ts'
import * as git from '../world/git.ts'
import type { Json, Repository } from '../world/model.ts'
import { rulesetsFor } from '../world/rules.ts'
import { nodeId } from '../world/world.ts'
import { text } from './read.ts'

const resolved = async (one: Repository, ref: string): Promise<string> => {
  const sha = await git.resolve(one.gitDir, ref)
  if (!sha) throw notFound()
  return sha
}

const getCommit = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const sha = await resolved(one, call.params['ref'] ?? '')
  const info = await git.commitInfo(one.gitDir, sha)
  const files = info.parents[0] ? await git.changes(one.gitDir, info.parents[0], sha) : []
  const additions = files.reduce((sum, file) => sum + file.additions, 0)
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0)
  const { items, headers } = page({ ...call, query: { per_page: 100, ...call.query } }, files)
  return ok(
    {
      ...commitShape(call.world, one, info),
      stats: { total: additions + deletions, additions, deletions },
      files: items.map((file) => diffEntry(call.world, one, sha, file)),
    },
    headers,
  )
}

const listCommits = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const sha = await resolved(one, text(call.query['sha']) || one.defaultBranch)
  const path = text(call.query['path'])
  const extra = ['author', 'committer', 'since', 'until'].filter((name) => call.query[name] !== undefined)
  if (extra.length > 0) throw new Refusal(501, `the double of GitHub does not filter commits by ${extra.join(', ')}`)
  const { items, headers } = page(call, await git.commits(one.gitDir, path ? [sha, '--', path] : [sha], 1000))
  return ok(
    items.map((info) => commitShape(call.world, one, info)),
    headers,
  )
}

/** Three dots: what `head` has since it left `base`. At most 250 commits without paging, 300 files. */
const compare = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const [from = '', to = ''] = (call.params['basehead'] ?? '').split('...')
  const base = await resolved(one, from.replace(`${one.owner.login}:`, ''))
  const head = await resolved(one, to.replace(`${one.owner.login}:`, ''))
  const fork = await git.mergeBase(one.gitDir, base, head)
  if (!fork) throw notFound()
  const ahead = await git.count(one.gitDir, base, head)
  const behind = await git.count(one.gitDir, head, base)
  const list = (await git.commits(one.gitDir, [`${base}..${head}`], 10_000)).toReversed()
  const paged =
    call.query['page'] === undefined && call.query['per_page'] === undefined ? { items: list.slice(0, 250), headers: {} } : page(call, list)
  const files = await git.changes(one.gitDir, fork, head)
  const at = `${repositoryUrl(call.world, one)}/compare/${from}...${to}`
  const html = `${htmlUrl(call.world, one)}/compare/${from}...${to}`
  const shape = async (sha: string): Promise<Json> => commitShape(call.world, one, await git.commitInfo(one.gitDir, sha))
  return ok(
    {
      url: at,
      html_url: html,
      permalink_url: `${htmlUrl(call.world, one)}/compare/${base.slice(0, 12)}...${head.slice(0, 12)}`,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      base_commit: await shape(base),
      merge_base_commit: await shape(fork),
      status: ahead === 0 && behind === 0 ? 'identical' : ahead === 0 ? 'behind' : behind === 0 ? 'ahead' : 'diverged',
      ahead_by: ahead,
      behind_by: behind,
      total_commits: ahead,
      commits: paged.items.map((info) => commitShape(call.world, one, info)),
      files: files.slice(0, 300).map((file) => diffEntry(call.world, one, head, file)),
    },
    paged.headers,
  )
}

const listTags = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const tags = await git.listRefs(one.gitDir, 'refs/tags/')
  const { items, headers } = page(call, tags.toReversed())
  const at = repositoryUrl(call.world, one)
  return ok(
    await Promise.all(
      items.map(async ({ ref, sha }) => {
        const name = ref.slice('refs/tags/'.length)
        const commit = (await git.resolve(one.gitDir, name)) ?? sha
        const ball = (kind: string): string => `${at}/${kind}/refs/tags/${name}`
        return {
          name,
          zipball_url: ball('zipball'),
          tarball_url: ball('tarball'),
          commit: { sha: commit, url: `${at}/commits/${commit}` },
          node_id: nodeId('REF', one.id) + Buffer.from(ref).toString('base64url'),
        }
      }),
    ),
    headers,
  )
}

const getBranch = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const name = call.params['branch'] ?? ''
  const sha = await git.readRef(one.gitDir, `refs/heads/${name}`)
  if (!sha) throw new Refusal(404, 'Branch not found')
  const at = `${repositoryUrl(call.world, one)}/branches/${name}`
  return ok({
    name,
    commit: commitShape(call.world, one, await git.commitInfo(one.gitDir, sha)),
    _links: { self: at, html: `${htmlUrl(call.world, one)}/tree/${name}` },
    protected: rulesetsFor(one, name).length > 0,
    protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } },
    protection_url: `${at}/protection`,
  })
}

const RAW = /application\/vnd\.github(\.v3)?\.raw(\+json)?/
const MAX_RAW = 100_000_000
const MAX_JSON = 1_000_000

const contents = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const ref = text(call.query['ref']) || one.defaultBranch
  const sha = await git.resolve(one.gitDir, ref)
  if (!sha) throw new Refusal(404, `No commit found for the ref ${ref}`)
  const path = (call.params['path'] ?? '').replace(/^\/+|\/+$/g, '')
  const found = await git.entry(one.gitDir, sha, path)
  if (!found) throw notFound()
  const raw = RAW.test(call.headers.accept ?? '')
  const links = (name: string, type: string, object: string): Json => {
    const self = `${repositoryUrl(call.world, one)}/contents/${name}?ref=${encodeURIComponent(ref)}`
    const gitUrl = `${repositoryUrl(call.world, one)}/git/${type === 'dir' ? 'trees' : 'blobs'}/${object}`
    const html = `${htmlUrl(call.world, one)}/${type === 'dir' ? 'tree' : 'blob'}/${ref}/${name}`
    return {
      url: self,
      html_url: html,
      git_url: gitUrl,
      download_url: type === 'dir' ? null : `${htmlUrl(call.world, one)}/raw/${ref}/${name}`,
      _links: { self, git: gitUrl, html },
    }
  }
  if (found.type === 'dir') {
    if (raw) throw new Refusal(403, 'The requested blob is a directory and cannot be returned raw.')
    return ok(
      found.entries.slice(0, 1000).map((each) => {
        const full = path === '' ? each.name : `${path}/${each.name}`
        return { type: each.type, size: each.size, name: each.name, path: full, sha: each.sha, ...links(full, each.type, each.sha) }
      }),
    )
  }
  if (found.type !== 'file') {
    const name = path.split('/').pop() ?? ''
    const rest =
      found.type === 'symlink' ? { target: found.target, size: found.target.length } : { size: 0, submodule_git_url: htmlUrl(call.world, one) }
    return ok({ type: found.type, ...rest, name, path, sha: found.sha, ...links(path, found.type, found.sha) })
  }
  if (found.bytes.length > MAX_RAW) throw new Refusal(403, 'This API returns blobs up to 100 MB in size.')
  if (raw) return { status: 200, raw: { bytes: found.bytes, type: 'application/vnd.github.raw; charset=utf-8' } }
  const small = found.bytes.length <= MAX_JSON
  return ok({
    type: 'file',
    encoding: small ? 'base64' : 'none',
    size: found.bytes.length,
    name: path.split('/').pop() ?? '',
    path,
    content: small ? `${(found.bytes.toString('base64').match(/.{1,60}/g) ?? []).join('\n')}\n` : '',
    sha: found.sha,
    ...links(path, 'file', found.sha),
  })
}

export const commitRoutes: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/tags', listTags),
  route('GET', '/repos/{owner}/{repo}/commits', listCommits),
  route('GET', '/repos/{owner}/{repo}/commits/{ref}', getCommit),
  route('GET', '/repos/{owner}/{repo}/compare/{basehead}', compare),
  route('GET', '/repos/{owner}/{repo}/branches/{branch}', getBranch),
  route('GET', '/repos/{owner}/{repo}/contents/{path}', contents),
]
