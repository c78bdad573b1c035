/** Previews -> the one comment about them, so that the same previews give the same words. Pure. */
import { PREVIEWS_MARK } from '../collect/inputs.ts'
import type { Inputs } from '../collect/inputs.ts'

type Given = Inputs['previews']
type Preview = Given['previews'][number]

export interface Shown {
  readonly preview: Preview
  readonly health: 'answers' | 'does not answer' | 'was not asked'
  /** US dollars a day; null: not known. */
  readonly dayUsd: number | null
  readonly hoursLeft: number
}

/** Cells of a table, and nothing that breaks out of one. */
function cell(text: string): string {
  return text.replaceAll(/[|\r\n<>[\]`]/g, ' ').slice(0, 200)
}

/** An address may stand in a link when it can be nothing else. */
function link(url: string | null): string {
  if (url === null || !URL.canParse(url)) return 'no address'
  const { protocol, href, host } = new URL(url)
  return /^https?:$/.test(protocol) && !/[()\s<>]/.test(href) ? `[${cell(host)}](${href})` : cell(host)
}

export function previewComment(all: readonly Shown[]): string {
  const rows = all.map(
    ({ preview, health, dayUsd, hoursLeft }) =>
      `| ${cell(preview.environment)} | ${link(preview.url)} | ${health} | ${hoursLeft < 0 ? 'over' : `${Math.floor(hoursLeft)} h left`} | ${dayUsd === null ? 'not known' : `${dayUsd.toFixed(2)} USD a day`} | ${preview.sha.slice(0, 7)} |`,
  )
  const table =
    rows.length === 0
      ? ['No preview runs.']
      : ['| preview | address | health | life | cost | commit |', '| --- | --- | --- | --- | --- | --- |', ...rows]
  return [PREVIEWS_MARK, '### Previews of this pull request', '', ...table, ''].join('\n')
}
