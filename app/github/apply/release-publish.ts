import type { Outcome, Repository } from '../../release/ports.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { FileContent, Release, parsed } from '../answers.ts'
import { GitHubError, isGitHubError } from '../error.ts'
import { LONG_TEXT, fit } from '../limits.ts'
import { marker } from '../markdown.ts'
import { repositoryPath } from '../octokit.ts'
import type { Client } from '../octokit.ts'
import { listAll } from '../paginate.ts'
import type { EffectOf, Handler } from './effect.ts'
import { assetsOf, fillDraft, lacks } from './release-assets.ts'
import { tagCommit } from './tag-create.ts'

type Publish = EffectOf<'release.publish'>

/** For the mark and what stands between the parts. */
const ROOM = 500

/**
 * Draft, upload, verify, publish once: a published release may be immutable, and then nothing can be mended (trap T65).
 * A draft of ours that was left behind is taken up again where it stopped.
 */
export const releasePublish: Handler<'release.publish'> = {
  async perform(hands, repository, effect) {
    const { client } = hands
    const { published, left } = await already(client, repository, effect)
    if (published !== null) return whole(client, repository, published, effect)
    const commit = await tagCommit(client, repository, effect.tag)
    if (commit !== null && commit !== effect.sha)
      throw new GitHubError('refused', `The tag ${effect.tag} is at ${commit}, not at ${effect.sha}; nothing was published.`)
    const draft = left ?? (await createDraft(client, repository, effect))
    await fillDraft(hands, repository, draft, { wanted: effect.assets, present: left === null ? [] : await assetsOf(client, repository, left) })
    const wrong = lacks(await assetsOf(client, repository, draft), effect.assets)
    if (wrong.length > 0) throw new GitHubError('refused', `The draft of ${effect.tag} is not whole, so it stays a draft: ${wrong.join('; ')}.`)
    const path = `${repositoryPath(repository)}/releases/${draft.id}`
    const answer = await client.call(repository, {
      method: 'PATCH',
      path,
      permissions: { contents: 'write' },
      body: { draft: false, tag_name: effect.tag },
    })
    const release = parsed(Release, answer.data, path)
    if (release.draft) throw new GitHubError('malformed', `GitHub left the release ${effect.tag} a draft.`)
    return { id: release.id, url: release.html_url }
  },

  async find({ client }, repository, effect) {
    const published = await publishedAt(client, repository, effect.tag)
    return published === null ? null : whole(client, repository, published, effect)
  },
}

/** @throws GitHubError `refused`: a published release is never changed */
async function whole(client: Client, repository: Repository, release: Release, effect: Publish): Promise<Outcome> {
  const wrong = lacks(await assetsOf(client, repository, release), effect.assets)
  if (wrong.length > 0)
    throw new GitHubError('refused', `A release ${effect.tag} is published already and is not this one: ${wrong.join('; ')}. Look at who made it.`)
  return { id: release.id, url: release.html_url }
}

async function publishedAt(client: Client, repository: Repository, tag: string): Promise<Release | null> {
  const path = `${repositoryPath(repository)}/releases/tags/${encodeURIComponent(tag)}`
  try {
    const release = parsed(Release, (await client.call(repository, { method: 'GET', path, permissions: { contents: 'read' } })).data, path)
    return release.draft ? null : release
  } catch (error) {
    if (isGitHubError(error, 'not-found')) return null
    throw error
  }
}

/** What is there of this tag: one that is published, and a draft of ours that was left behind. Drafts are listed only to those who may write. */
async function already(
  client: Client,
  repository: Repository,
  effect: Publish,
): Promise<{ readonly published: Release | null; readonly left: Release | null }> {
  const releases = await listAll(client, repository, {
    path: `${repositoryPath(repository)}/releases`,
    permissions: { contents: 'write' },
    item: Release,
  })
  const ours = releases.filter((release) => release.draft && release.tag_name === effect.tag && (release.body ?? '').startsWith(markOf(effect)))
  return {
    published: releases.find((release) => !release.draft && release.tag_name === effect.tag) ?? null,
    left: ours.reduce<Release | null>((least, one) => (least === null || one.id < least.id ? one : least), null),
  }
}

async function createDraft(client: Client, repository: Repository, effect: Publish): Promise<Release> {
  const path = `${repositoryPath(repository)}/releases`
  const body = {
    tag_name: effect.tag,
    target_commitish: effect.sha,
    name: effect.name,
    body: fit(`${markOf(effect)}\n${await notesOf(client, repository, effect)}${effect.body}`, LONG_TEXT),
    draft: true,
    prerelease: effect.prerelease,
  }
  return parsed(Release, (await client.call(repository, { method: 'POST', path, permissions: { contents: 'write' }, body })).data, path)
}

/** What changed comes first, without its own title, as far as there is room. @returns '' where the commit tells none */
async function notesOf(client: Client, repository: Repository, { notes, sha, body }: Publish): Promise<string> {
  const path = notes === undefined ? null : `${repositoryPath(repository)}/contents/${notes.split('/').map(encodeURIComponent).join('/')}`
  if (path === null) return ''
  try {
    const answer = await client.call(repository, { method: 'GET', path, permissions: { contents: 'read' }, query: { ref: sha } })
    const file = FileContent.safeParse(answer.data)
    const text = file.success && file.data.encoding === 'base64' ? Buffer.from(file.data.content, 'base64').toString('utf8') : ''
    const told = visibleLines(text)
      .replace(/^# .*\n+/, '')
      .trim()
    return told === '' ? '' : `${fit(told, LONG_TEXT - Buffer.byteLength(body) - ROOM, `\n\n… and more, in ${notes}.`)}\n\n---\n\n`
  } catch (error) {
    if (isGitHubError(error, 'not-found')) return ''
    throw error
  }
}

/** No control character of a file goes to GitHub. */
function visibleLines(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\P{Cc}\t\n]/gu, '')
}

function markOf(effect: Publish): string {
  return marker(`release:${sha256(effect.key).slice(0, 32)}`)
}
