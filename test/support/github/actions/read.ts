/** Text -> workflow or action file, or a refusal that names the file, the place and what is wrong there. */
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { RunnerError } from './error.ts'
import { ActionFile, CallJob, StepsJob, Workflow } from './schema.ts'

const LIMIT = 500 * 1024

function parse<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map((issue) => `${where}${issue.path.length > 0 ? ` at ${issue.path.join('.')}` : ''}: ${issue.message}`)
  throw new RunnerError('bad-workflow', lines.join('\n'))
}

function yaml(text: string, where: string): unknown {
  if (text.length > LIMIT) throw new RunnerError('bad-yaml', `${where} is larger than ${LIMIT} bytes`)
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true })
  const problem = document.errors[0] ?? document.warnings[0]
  if (problem !== undefined) throw new RunnerError('bad-yaml', `${where}: ${problem.message}`, { cause: problem })
  return document.toJS({ maxAliasCount: 100 })
}

/** @param where file name for messages. @throws RunnerError `bad-yaml`, `bad-workflow` */
export function readWorkflow(text: string, where: string): Workflow {
  const raw = parse(Workflow, yaml(text, where), where)
  const jobs = new Map<string, StepsJob | CallJob>()
  for (const [id, job] of Object.entries(raw.jobs)) {
    const calls = typeof job === 'object' && job !== null && 'uses' in job
    jobs.set(id, parse<StepsJob | CallJob>(calls ? CallJob : StepsJob, job, `${where} at jobs.${id}`))
  }
  if (jobs.size === 0) throw new RunnerError('bad-workflow', `${where} has no jobs`)
  for (const [id, job] of jobs)
    for (const need of job.needs ?? [])
      if (!jobs.has(need)) throw new RunnerError('bad-workflow', `${where}: job ${id} needs ${need}, which does not exist`)
  refuseCycles(jobs, where)
  for (const [id, job] of jobs) if (!('uses' in job)) refuseTwins(job, `${where}: job ${id}`)
  return { ...raw, jobs }
}

/** @throws RunnerError `bad-yaml`, `bad-workflow` */
export function readAction(text: string, where: string): ActionFile {
  return parse(ActionFile, yaml(text, where), where)
}

function refuseCycles(jobs: ReadonlyMap<string, StepsJob | CallJob>, where: string): void {
  const done = new Set<string>()
  const visit = (id: string, path: readonly string[]): void => {
    if (path.includes(id)) throw new RunnerError('bad-workflow', `${where}: jobs need each other: ${[...path, id].join(' -> ')}`)
    if (done.has(id)) return
    for (const need of jobs.get(id)?.needs ?? []) visit(need, [...path, id])
    done.add(id)
  }
  for (const id of jobs.keys()) visit(id, [])
}

function refuseTwins(job: StepsJob, where: string): void {
  const seen = new Set<string>()
  for (const { id } of job.steps) {
    if (id === undefined) continue
    if (seen.has(id)) throw new RunnerError('bad-workflow', `${where} has two steps with id ${id}`)
    seen.add(id)
  }
}
