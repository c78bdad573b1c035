/** What GitHub would refuse or never start: keys, events and times that it does not know, an id given twice. Pure. */
import { isRecord } from '../yaml.ts'
import type { Say } from './cicd-engineer.workflows.ts'

type Map = Readonly<Record<string, unknown>>
type Path = readonly (string | number)[]

const WORKFLOW = new Set(['name', 'run-name', 'on', 'permissions', 'env', 'defaults', 'concurrency', 'jobs'])
const JOB = new Set(
  (
    'name permissions needs if runs-on snapshot environment concurrency outputs env defaults steps timeout-minutes strategy ' +
    'continue-on-error container services uses with secrets'
  ).split(' '),
)
const STEP = new Set(['id', 'if', 'name', 'uses', 'run', 'working-directory', 'shell', 'with', 'env', 'continue-on-error', 'timeout-minutes'])
/** https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows */
const EVENTS = new Set(
  (
    'branch_protection_rule check_run check_suite create delete deployment deployment_status discussion discussion_comment ' +
    'fork gollum image_version issue_comment issues label merge_group milestone page_build project project_card ' +
    'project_column public pull_request pull_request_comment pull_request_review pull_request_review_comment ' +
    'pull_request_target push registry_package release repository_dispatch schedule status watch workflow_call ' +
    'workflow_dispatch workflow_run'
  ).split(' '),
)
/** Minute, hour, day, month, day of the week: least, most, and the words for them. */
const FIELDS = [
  [0, 59, ''],
  [0, 23, ''],
  [1, 31, ''],
  [1, 12, 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'],
  [0, 7, 'SUN MON TUE WED THU FRI SAT'],
] as const

export function shapeFindings(workflow: Map, jobs: Map, events: readonly string[], say: Say): void {
  keys(workflow, WORKFLOW, [], 'error', say)
  for (const event of events.filter((name) => !EVENTS.has(name)).slice(0, 5))
    say(
      'unknown-event',
      'error',
      ['on', event],
      `GitHub knows no event ${event.slice(0, 100)}, so it starts nothing`,
      'Write it as the list of events has it.',
    )
  const schedule = isRecord(workflow['on']) ? workflow['on']['schedule'] : undefined
  for (const [index, one] of (Array.isArray(schedule) ? schedule : []).entries())
    if (isRecord(one) && typeof one['cron'] === 'string' && !isTime(one['cron']))
      say(
        'broken',
        'error',
        ['on', 'schedule', index],
        `${one['cron'].slice(0, 100)} is no time`,
        'Write five fields: minute, hour, day, month, day of the week.',
      )
  for (const [id, job] of Object.entries(jobs)) if (isRecord(job)) jobShape(job, ['jobs', id], say)
}

function jobShape(job: Map, at: Path, say: Say): void {
  keys(job, JOB, at, 'warning', say)
  if (!Array.isArray(job['steps'])) return
  const ids = new Set<unknown>()
  for (const [index, step] of (job['steps'] as unknown[]).entries()) {
    if (!isRecord(step)) continue
    const here = [...at, 'steps', index]
    keys(step, STEP, here, 'warning', say)
    const { id } = step
    if (typeof id !== 'string') continue
    if (ids.has(id)) say('broken', 'error', [...here, 'id'], `Two steps of one job have the id ${id.slice(0, 100)}`, 'Name them apart.')
    ids.add(id)
  }
}

/** GitHub adds keys of jobs and steps now and then, so that an unknown one there may only be newer than this list. */
function keys(of: Map, known: ReadonlySet<string>, at: Path, severity: 'error' | 'warning', say: Say): void {
  const unknown = Object.keys(of).filter((key) => !known.has(key))
  if (unknown.length === 0) return
  const message = `GitHub knows no key ${unknown.slice(0, 5).join(', ').slice(0, 500)} here`
  say(severity === 'error' ? 'broken' : 'unknown-key', severity, [...at, unknown[0] ?? ''], message, 'Take it out, or write it right.')
}

function isTime(cron: string): boolean {
  const fields = cron.trim().split(/\s+/)
  return (
    fields.length === FIELDS.length &&
    FIELDS.every(([least, most, words], at) =>
      (fields[at] ?? '').split(',').every((part) => {
        const [range = '', step = '1'] = part.split('/')
        const ends = range === '*' ? [] : range.split('-')
        const values = ends.map((end) =>
          words === '' || !words.split(' ').includes(end.toUpperCase()) ? (/^\d{1,2}$/.test(end) ? Number(end) : -1) : least,
        )
        return /^[1-9]\d?$/.test(step) && ends.length <= 2 && values.every((value) => value >= least && value <= most)
      }),
    )
  )
}
