/** Previews -> the one comment about them, so that the same previews give the same words. Pure. */
import { PreviewName, type PreviewAction } from '../../evidence/model/preview.ts'
import { PREVIEWS_MARK } from '../collect/inputs.ts'
import type { Inputs } from '../collect/inputs.ts'

type Given = Inputs['previews']
type Preview = Given['previews'][number]

/** `asleep` and `is not up yet` say nothing about whether it would answer. */
export type Health = 'answers' | 'does not answer' | 'was not asked' | 'is not up yet' | 'asleep'

export interface Shown {
  readonly preview: Preview
  readonly health: Health
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

/** What may be said to it: a name that no command can hold has no line. */
function line(action: PreviewAction, { environment }: Preview): string {
  return PreviewName.safeParse(environment).success ? `\`/preview ${action} ${environment}\`` : ''
}

function rowOf({ preview, health, dayUsd, hoursLeft }: Shown, { isSwitched }: Said): string {
  const since = preview.asleep_since === null ? '' : ` since ${preview.asleep_since.slice(0, 16).replace('T', ' ')} UTC`
  const wake = health === 'asleep' && isSwitched ? line('wake', preview) : ''
  const cells = [
    cell(preview.environment),
    health === 'asleep' ? 'none while it sleeps' : link(preview.url),
    `${health}${since}${wake === '' ? '' : `; ${wake}`}`,
    hoursLeft < 0 ? 'over' : `${Math.floor(hoursLeft)} h left`,
    dayUsd === null ? 'not known' : `${dayUsd.toFixed(2)} USD a day`,
    preview.sha.slice(0, 7),
  ]
  return `| ${cells.join(' | ')} |`
}

interface Said {
  /** The config names a workflow that puts previews to sleep and wakes them. */
  readonly isSwitched: boolean
}

export function previewComment(all: readonly Shown[], said: Said): string {
  const awake = all.find(({ health, preview }) => health === 'answers' && line('sleep', preview) !== '')
  const table =
    all.length === 0
      ? ['No preview runs.']
      : [
          '| preview | address | health | life | cost | commit |',
          '| --- | --- | --- | --- | --- | --- |',
          ...all.map((one) => rowOf(one, said)),
          ...(awake === undefined || !said.isSwitched
            ? []
            : ['', `Not needed for now? Comment ${line('sleep', awake.preview)}, alone on the first line.`]),
        ]
  return [PREVIEWS_MARK, '### Previews of this pull request', '', ...table, ''].join('\n')
}
