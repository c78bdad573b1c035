/** Refs, tags and git's own commits, read from and written to the bare repository. */
import { created, empty, ok, route, type Answer, type Call, type Route } from '../http/call.ts'
import { refMoved } from '../hook/moved.ts'
import { ZERO } from '../hook/checks.ts'
import { gitCommit } from '../shape/commit.ts'
import { repositoryUrl } from '../shape/repository.ts'
import { invalid, notFound } from '../world/error.ts'
import * as git from '../world/git.ts'
import type { Json, Repository } from '../world/model.ts'
import { rulesetsFor } from '../world/rules.ts'
import { nodeId, stamp, type World } from '../world/world.ts'
import { byJob, flag, sender, text } from './read.ts'

const refShape = async (world: World, one: Repository, ref: string, sha: string): Promise<Json> => {
  const type = (await git.objectType(one.gitDir, sha)) ?? 'commit'
  return {
    ref,
    node_id: nodeId('REF', one.id) + Buffer.from(ref).toString('base64url'),
    url: `${repositoryUrl(world, one)}/git/${ref}`,
    object: { sha, type, url: `${repositoryUrl(world, one)}/git/${type}s/${sha}` },
  }
}

const fullRef = (call: Call): string => `refs/${call.params['ref'] ?? ''}`

const getRef = async (call: Call): Promise<Answer> => {
  const sha = await git.readRef(call.repository.gitDir, fullRef(call))
  if (!sha) throw notFound()
  return ok(await refShape(call.world, call.repository, fullRef(call), sha))
}

const immutableTag = (one: Repository, ref: string): boolean =>
  one.releases.some((release) => release.immutable && `refs/tags/${release.tag}` === ref)

/** Branch rules hold for the API as for a push. */
const refuseByRules = (one: Repository, ref: string, kind: 'deletion' | 'non_fast_forward' | 'update'): void => {
  const branch = ref.replace('refs/heads/', '')
  if (!ref.startsWith('refs/heads/')) return
  for (const ruleset of rulesetsFor(one, branch))
    for (const rule of ruleset.rules) {
      const type = rule['type']
      if (type === kind || (kind === 'update' && (type === 'pull_request' || type === 'required_status_checks')))
        throw invalid(
          `Repository rule violations found\n\n${type === 'pull_request' || type === 'required_status_checks' ? 'Changes must be made through a pull request.' : `Cannot ${kind} this branch`}`,
        )
    }
}

const createRef = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const ref = text(call.body['ref'])
  const sha = text(call.body['sha'])
  if (!/^refs\/(heads|tags)\/.+/.test(ref)) throw invalid('Reference name must start with refs/heads/ or refs/tags/')
  if ((await git.tryGit(one.gitDir, ['check-ref-format', ref])).code !== 0) throw invalid(`${ref} is not a valid ref name.`)
  if (!/^[0-9a-f]{40}$/.test(sha) || !(await git.objectType(one.gitDir, sha))) throw invalid('Object does not exist')
  if (await git.readRef(one.gitDir, ref)) throw invalid('Reference already exists')
  if (ref.startsWith('refs/tags/') && one.burnedTags.has(ref.slice(10)))
    throw invalid('Repository rule violations found\n\nThe tag name was used by an immutable release')
  await git.git(one.gitDir, ['update-ref', ref, sha, ZERO])
  await refMoved(call.world, call.bus, one, { ref, before: ZERO, after: sha, sender: sender(call), byJob: byJob(call) })
  return created(await refShape(call.world, one, ref, sha))
}

const updateRef = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const ref = fullRef(call)
  const sha = text(call.body['sha'])
  const before = await git.readRef(one.gitDir, ref)
  if (!before) throw invalid('Reference does not exist')
  if (!(await git.objectType(one.gitDir, sha))) throw invalid('Object does not exist')
  if (immutableTag(one, ref)) throw invalid('Cannot update this protected ref.')
  const fast = (await git.mergeBase(one.gitDir, before, sha)) === before
  if (!fast && !flag(call.body['force'], false)) throw invalid('Update is not a fast forward')
  refuseByRules(one, ref, 'update')
  if (!fast) refuseByRules(one, ref, 'non_fast_forward')
  await git.git(one.gitDir, ['update-ref', ref, sha, before])
  await refMoved(call.world, call.bus, one, { ref, before, after: sha, sender: sender(call), byJob: byJob(call) })
  return ok(await refShape(call.world, one, ref, sha))
}

const deleteRef = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const ref = fullRef(call)
  const before = await git.readRef(one.gitDir, ref)
  if (!before) throw invalid('Reference does not exist')
  if (immutableTag(one, ref)) throw invalid('Cannot delete this protected ref.')
  refuseByRules(one, ref, 'deletion')
  await git.git(one.gitDir, ['update-ref', '-d', ref, before])
  await refMoved(call.world, call.bus, one, { ref, before, after: ZERO, sender: sender(call), byJob: byJob(call) })
  return empty()
}

const MODES = new Set(['100644', '100755', '040000', '160000', '120000'])

const treeShape = async (world: World, one: Repository, sha: string, deep = false): Promise<Json> => {
  const at = `${repositoryUrl(world, one)}/git`
  return {
    sha,
    url: `${at}/trees/${sha}`,
    truncated: false,
    tree: (await git.treeEntries(one.gitDir, sha, deep)).map(({ mode, type, sha: id, path, size }) => ({
      path,
      mode,
      type,
      sha: id,
      url: `${at}/${type === 'tree' ? 'trees' : type === 'commit' ? 'commits' : 'blobs'}/${id}`,
      ...(size === null ? {} : { size }),
    })),
  }
}

const getTree = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const given = call.params['tree_sha'] ?? ''
  const commit = await git.resolve(one.gitDir, given)
  const type = await git.objectType(one.gitDir, commit ?? given)
  if (type !== 'tree' && type !== 'commit') throw notFound()
  const sha = type === 'tree' ? given : (await git.commitInfo(one.gitDir, commit ?? given)).tree
  return ok(await treeShape(call.world, one, sha, call.query['recursive'] !== undefined))
}

const getBlob = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const sha = call.params['file_sha'] ?? ''
  if ((await git.objectType(one.gitDir, sha)) !== 'blob') throw notFound()
  const bytes = await git.blobBytes(one.gitDir, sha)
  return ok({
    sha,
    node_id: nodeId('B', one.id) + sha.slice(0, 12),
    size: bytes.length,
    url: `${repositoryUrl(call.world, one)}/git/blobs/${sha}`,
    content: `${(bytes.toString('base64').match(/.{1,60}/g) ?? []).join('\n')}\n`,
    encoding: 'base64',
  })
}

/** New files over a tree; what is named with content becomes a blob. */
const createTree = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const base = text(call.body['base_tree'])
  const entries = (call.body['tree'] ?? []) as Json[]
  if (base !== '' && (await git.objectType(one.gitDir, base)) !== 'tree') throw invalid('base_tree is not a valid tree oid')
  const files: { mode: string; path: string; sha: string | null }[] = []
  for (const entry of entries) {
    const { path, mode, content, sha } = entry
    if (!MODES.has(text(mode)) || text(path) === '' || text(path).startsWith('/') || text(path).split('/').includes('..'))
      throw invalid('tree.path contains a malformed path component')
    if (content !== undefined && sha !== undefined) throw invalid('Must supply either tree.sha or tree.content')
    if (typeof sha === 'string' && !(await git.objectType(one.gitDir, sha))) throw invalid('tree.sha does not exist')
    files.push({
      mode: text(mode),
      path: text(path),
      sha: sha === null ? null : typeof sha === 'string' ? sha : await git.writeBlob(one.gitDir, text(content)),
    })
  }
  return created(await treeShape(call.world, one, await git.writeTree(one.gitDir, base === '' ? null : base, files)))
}

/** Without an author it is whoever asks, and GitHub signs what an App makes so. */
const createCommit = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const { message, tree, parents } = call.body
  if ((await git.objectType(one.gitDir, text(tree))) !== 'tree') throw invalid('Tree SHA does not exist')
  const list = (parents ?? []) as string[]
  for (const parent of list)
    if ((await git.objectType(one.gitDir, parent)) !== 'commit') throw invalid('Parent SHA does not exist or is not a commit object')
  const account = sender(call)
  const given = (call.body['author'] ?? {}) as Json
  const author = {
    name: text(given['name']) || account.name,
    email: text(given['email']) || account.email,
    date: text(given['date']) || stamp(call.world),
  }
  const sha = await git.commitTree(one.gitDir, text(tree), list, text(message), author)
  return created(gitCommit(call.world, one, await git.commitInfo(one.gitDir, sha)))
}

const createTag = async (call: Call): Promise<Answer> => {
  const one = call.repository
  const tagger = (call.body['tagger'] ?? {}) as Json
  const account = sender(call)
  const name = text(tagger['name']) || account.name
  const email = text(tagger['email']) || account.email
  const date = text(tagger['date']) || stamp(call.world)
  const { tag, message, object, type } = call.body
  const input = `object ${text(object)}\ntype ${text(type)}\ntag ${text(tag)}\ntagger ${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000\n\n${text(message)}\n`
  if (!(await git.objectType(one.gitDir, text(object)))) throw invalid('Object does not exist')
  const sha = await git.git(one.gitDir, ['mktag'], { input })
  return created(await tagShape(call.world, one, sha))
}

const tagShape = async (world: World, one: Repository, sha: string): Promise<Json> => {
  const raw = await git.git(one.gitDir, ['cat-file', 'tag', sha])
  const head = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(raw)?.[1] ?? ''
  const tagger = /^(.*) <(.*)> (\d+)/.exec(head('tagger'))
  const type = head('type')
  return {
    node_id: nodeId('TA', one.id) + sha.slice(0, 12),
    tag: head('tag'),
    sha,
    url: `${repositoryUrl(world, one)}/git/tags/${sha}`,
    message: raw.slice(raw.indexOf('\n\n') + 2),
    tagger: {
      name: tagger?.[1] ?? '',
      email: tagger?.[2] ?? '',
      date: new Date(Number(tagger?.[3] ?? 0) * 1000).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    },
    object: { type, sha: head('object'), url: `${repositoryUrl(world, one)}/git/${type}s/${head('object')}` },
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  }
}

export const gitRoutes: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/git/ref/{ref}', getRef),
  route('GET', '/repos/{owner}/{repo}/git/matching-refs/{ref}', async (call) => {
    const refs = await git.listRefs(call.repository.gitDir, fullRef(call))
    return ok(await Promise.all(refs.map(async (one) => await refShape(call.world, call.repository, one.ref, one.sha))))
  }),
  route('POST', '/repos/{owner}/{repo}/git/refs', createRef),
  route('PATCH', '/repos/{owner}/{repo}/git/refs/{ref}', updateRef),
  route('DELETE', '/repos/{owner}/{repo}/git/refs/{ref}', deleteRef),
  route('GET', '/repos/{owner}/{repo}/git/trees/{tree_sha}', getTree),
  route('GET', '/repos/{owner}/{repo}/git/blobs/{file_sha}', getBlob),
  route('POST', '/repos/{owner}/{repo}/git/trees', createTree),
  route('POST', '/repos/{owner}/{repo}/git/commits', createCommit),
  route('POST', '/repos/{owner}/{repo}/git/tags', createTag),
  route('GET', '/repos/{owner}/{repo}/git/tags/{tag_sha}', async (call) => {
    const sha = call.params['tag_sha'] ?? ''
    if (!/^[0-9a-f]{40}$/.test(sha) || (await git.objectType(call.repository.gitDir, sha)) !== 'tag') throw notFound()
    return ok(await tagShape(call.world, call.repository, sha))
  }),
  route('GET', '/repos/{owner}/{repo}/git/commits/{commit_sha}', async (call) => {
    const sha = call.params['commit_sha'] ?? ''
    if (!/^[0-9a-f]{40}$/.test(sha) || (await git.objectType(call.repository.gitDir, sha)) !== 'commit') throw notFound()
    return ok(gitCommit(call.world, call.repository, await git.commitInfo(call.repository.gitDir, sha)))
  }),
]
