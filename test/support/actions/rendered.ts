/**
 * Our reusable workflows as nektos/act can run them on the machine itself: it knows no `queue`, no `job.workflow_sha`, and fetches `actions/*` from the
 * network. Jobs, conditions, needs, outputs and our own Actions stay as they are; only checkout and artifacts become commands on folders of this disk.
 */
import { parse, stringify } from 'yaml'

export interface Places {
  /** Bare repository under release. */
  readonly gitDir: string
  /** Built tree of ours. */
  readonly conductor: string
  /** Where artifacts are kept, one folder each. */
  readonly store: string
}

type Step = Record<string, unknown> & { readonly uses?: string; readonly with?: Record<string, string> }
interface Document {
  concurrency?: unknown
  readonly jobs: Record<string, { steps?: Step[] }>
}

export function rendered(text: string, places: Places): string {
  const document = parse(text) as Document
  delete document.concurrency
  for (const job of Object.values(document.jobs)) if (job.steps !== undefined) job.steps = job.steps.map((step) => stepOf(step, places))
  return stringify(document, { lineWidth: 0 })
}

function stepOf(step: Step, places: Places): Step {
  const { uses = '', with: given = {}, ...rest } = step
  const run = (script: string): Step => ({ ...rest, run: script })
  const { name = '', path = '' } = given
  if (uses.startsWith('actions/checkout@'))
    return given['repository'] === undefined
      ? run(`git clone --quiet "${places.gitDir}" ${path} && git -C ${path} checkout --quiet --detach "$GITHUB_SHA"`)
      : run(`rm -rf ${path} && cp -r "${places.conductor}" ${path}`)
  if (uses.startsWith('actions/upload-artifact@'))
    return run(
      [
        `mkdir -p "${places.store}/${name}" && cp -r ${path}/. "${places.store}/${name}"`,
        `(cd "${places.store}/${name}" && zip -q -r "../${name}.zip" .)`,
        `echo "artifact-id=${name}" >> "$GITHUB_OUTPUT"`,
        `echo "artifact-digest=$(sha256sum < "${places.store}/${name}.zip" | cut -c1-64)" >> "$GITHUB_OUTPUT"`,
      ].join('\n'),
    )
  if (uses.startsWith('actions/download-artifact@'))
    return given['pattern'] === undefined
      ? run(`mkdir -p ${path} && cp "${places.store}/${given['artifact-ids']}.zip" ${path}/`)
      : run(`mkdir -p ${path} && for one in "${places.store}"/${given['pattern']}; do [ ! -d "$one" ] || cp -r "$one" ${path}/; done`)
  if (uses !== '' && !uses.startsWith('./')) throw new Error(`${uses} has no rendering`)
  return step
}
