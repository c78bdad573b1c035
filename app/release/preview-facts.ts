/** Asks GitHub about the preview that a command names: what was deployed there last, and which of our runs is under way for it. */
import type { Config } from '../../evidence/model/config.ts'
import type { OutboxRow, Ports, ReleaseRecord } from './ports.ts'
import { previewRun, unfitEnvironment, type PreviewFacts } from './previews.ts'

/** Nothing is asked about an environment that the config keeps from such commands. */
export async function askPreview(
  { read }: Pick<Ports, 'read'>,
  of: { readonly record: ReleaseRecord; readonly config: Config; readonly outbox: readonly OutboxRow[]; readonly environment: string },
): Promise<PreviewFacts | null> {
  const { record, config, outbox, environment } = of
  if (unfitEnvironment(config, environment) !== null) return null
  const deployment = await read.deployment(record.repository, environment)
  const rows = outbox.flatMap((row) => {
    const wanted = previewRun(row.effect)
    return wanted?.environment === environment ? [{ ...row, action: wanted.action }] : []
  })
  const last = rows.at(-1)
  if (last === undefined || last.state === 'failed') return { deployment, underWay: null }
  const run = last.outcome?.id == null ? null : await read.run(record.repository, last.outcome.id)
  const isOver = last.outcome !== null && (run === null || run.status === 'completed')
  return { deployment, underWay: isOver ? null : last.action }
}
