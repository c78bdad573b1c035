import { sha256 } from '../../../evidence/core/digest.ts'
import { Issue, parsed } from '../answers.ts'
import { ISSUE_TITLE, LONG_TEXT, fit, fitLine } from '../limits.ts'
import { marker } from '../markdown.ts'
import { repositoryPath } from '../octokit.ts'
import { listAll } from '../paginate.ts'
import type { EffectOf, Handler } from './effect.ts'

/** An issue with a hidden mark made of the effect's key, found again by the mark and by our App as its author. */
export const issueOpen: Handler<'issue.open'> = {
  async perform({ client }, repository, effect) {
    const path = `${repositoryPath(repository)}/issues`
    const body = { title: fitLine(effect.title, ISSUE_TITLE), body: fit(`${markOf(effect)}\n${effect.body}`, LONG_TEXT), labels: [...effect.labels] }
    const answer = await client.call(repository, { method: 'POST', path, permissions: { issues: 'write' }, body })
    const issue = parsed(Issue, answer.data, path)
    return { id: issue.number, url: issue.html_url }
  },

  async find({ client }, repository, effect) {
    const [label] = effect.labels
    const issues = await listAll(client, repository, {
      path: `${repositoryPath(repository)}/issues`,
      permissions: { issues: 'read' },
      // Of one label only: a tracker may hold tens of thousands.
      query: { state: 'all', ...(label !== undefined && { labels: label }) },
      item: Issue,
    })
    const mark = markOf(effect)
    const ours = issues.filter((issue) => issue.performed_via_github_app?.id === client.appId && (issue.body ?? '').startsWith(mark))
    const first = ours.reduce<(typeof ours)[number] | null>((least, one) => (least === null || one.number < least.number ? one : least), null)
    return first === null ? null : { id: first.number, url: first.html_url }
  },
}

function markOf(effect: EffectOf<'issue.open'>): string {
  return marker(`issue:${sha256(effect.key).slice(0, 32)}`)
}
