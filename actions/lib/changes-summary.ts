/** What was carried out, or would be, as a table for the job summary. Markdown; all text of plans is escaped. */
import { changesOf } from '../../agents/apply/change.ts'
import type { Outcome } from '../../agents/apply/carry-out.ts'
import type { ChangeSet } from '../../evidence/model/action-plan.ts'
import { escape, preformatted } from './markdown.ts'

const SIGNS: Readonly<Record<Outcome['state'], string>> = { changed: '✅', same: '✅', 'would change': '✏️', undone: '↩️', failed: '❌' }
const SHOWN = 60_000

/** For whoever says yes: each change with the text that would be written. */
export function planSummary(set: ChangeSet, id: string): string {
  const actions = changesOf(set).flatMap((change) => change.actions)
  if (actions.length === 0) return '## Plan\n\nThe agents would change nothing.\n'
  const shown = actions.map(({ kind, path, why, text }) =>
    [
      `### ${escape(kind)} ${escape(path)}`,
      '',
      escape(why),
      '',
      '<details><summary>text</summary>',
      '',
      '<pre>',
      preformatted(text.slice(0, SHOWN)),
      '</pre>',
      '',
      '</details>',
    ].join('\n'),
  )
  return [`## Plan ${id}`, '', `${actions.length} changes, seen at ${set.sha}. Nothing was changed.`, '', ...shown, ''].join('\n').slice(0, 900_000)
}

export function changesSummary(id: string, outcomes: readonly Outcome[]): string {
  const head = `## Plan ${escape(id)}`
  if (outcomes.length === 0) return `${head}\n\nThere was nothing to do.\n`
  const rows = outcomes.map(
    ({ change, state, says, next }) => `| ${escape(change)} | ${SIGNS[state]} ${state} | ${escape(next === null ? says : `${says}. ${next}`)} |`,
  )
  return [head, '', '| change | state | what was done |', '| --- | --- | --- |', ...rows, ''].join('\n')
}
