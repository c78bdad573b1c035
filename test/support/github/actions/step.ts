/** One step: a shell script, a built-in action, or a Node action of a checked-out folder. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { known } from './builtin/index.ts'
import { inside } from './builtin/place.ts'
import { readEnvironment, readPairs, type JobLog } from './commands.ts'
import type { JobFolders } from './context.ts'
import { RunnerError } from './error.ts'
import { text, type Scope } from './expression.ts'
import { execute } from './process.ts'
import { readAction } from './read.ts'
import type { Step } from './schema.ts'
import type { RunRequest } from '../runner.ts'
import type { Sources } from './sources.ts'

export interface StepContext {
  readonly request: RunRequest
  readonly sources: Sources
  readonly folders: JobFolders
  readonly log: JobLog
  readonly scope: Scope
  /** The whole environment of the step. */
  readonly env: Readonly<Record<string, string>>
  readonly shell: 'bash' | 'sh' | undefined
  readonly directory: string | undefined
  readonly signal: AbortSignal
  readonly where: string
}

export interface StepResult {
  readonly ok: boolean
  readonly outputs: ReadonlyMap<string, string>
  readonly env: ReadonlyMap<string, string>
  readonly path: readonly string[]
  readonly summary: string
}

const SUMMARY_LIMIT = 1024 * 1024
const FILES = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_STATE', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'] as const

/** @throws RunnerError for what the runner refuses; a step that merely fails answers `ok: false` */
export async function runStep(step: Step, context: StepContext): Promise<StepResult> {
  if (step.uses !== undefined && !step.uses.startsWith('./')) return runBuiltin(step, step.uses, context)
  const scratch = await mkdtemp(join(context.folders.temp, 'step-'))
  const files = Object.fromEntries(FILES.map((name) => [name, join(scratch, name.toLowerCase())])) as Record<(typeof FILES)[number], string>
  await Promise.all(FILES.map((name) => writeFile(files[name], '')))
  const env = { ...context.env, ...files }
  const code = step.uses === undefined ? await runScript(step, { ...context, env }, scratch) : await runNode(step, step.uses, { ...context, env })
  const [outputs, environment, , path, summary] = await Promise.all(FILES.map((name) => readFile(files[name], 'utf8')))
  if ((summary ?? '').length > SUMMARY_LIMIT) context.log.read('::error::the job summary is larger than 1 MiB and was not kept')
  if (code !== 0) context.log.read(`::error::${code === null ? 'the step was stopped' : `the step ended with exit code ${code}`}`)
  return {
    ok: code === 0,
    outputs: readPairs(outputs ?? '', 'GITHUB_OUTPUT'),
    env: readEnvironment(environment ?? ''),
    path: (path ?? '').split('\n').filter((line) => line !== ''),
    summary: (summary ?? '').length > SUMMARY_LIMIT ? '' : context.log.hide(summary ?? ''),
  }
}

async function runScript(step: Step, context: StepContext, scratch: string): Promise<number | null> {
  const { log, scope, folders, where } = context
  const script = join(scratch, 'script.sh')
  await writeFile(script, `${text(step.run ?? '', 'step', scope, where)}\n`)
  const shell = step.shell ?? context.shell
  const args = shell === 'bash' ? ['--noprofile', '--norc', '-eo', 'pipefail', script] : ['-e', script]
  const directory = text(step['working-directory'] ?? context.directory ?? '.', 'step', scope, where)
  const cwd = inside([folders.workspace, folders.temp], directory)
  return execute({ file: shell ?? 'bash', args, cwd, env: context.env, onLine: (line) => log.read(line), signal: context.signal })
}

async function runNode(step: Step, uses: string, context: StepContext): Promise<number | null> {
  const { log, scope, folders, where } = context
  const folder = inside([folders.workspace], uses)
  const source = await readFile(join(folder, 'action.yml'), 'utf8').catch((cause: unknown) => {
    throw new RunnerError('not-found', `${where}: ${uses} has no action.yml; is the repository checked out there?`, { cause })
  })
  const action = readAction(source, `${uses}/action.yml`)
  const env: Record<string, string> = { ...context.env, GITHUB_ACTION_PATH: folder }
  for (const name of Object.keys(step.with ?? {}))
    if (action.inputs?.[name] === undefined) throw new RunnerError('unknown-input', `${where}: ${uses} has no input ${name}`)
  for (const [name, input] of Object.entries(action.inputs ?? {})) {
    const given = step.with?.[name]
    const value = given === undefined ? text(input.default ?? '', 'action-default', scope, where) : text(given, 'step', scope, where)
    env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] = value
  }
  const main = inside([folder], action.runs.main)
  const { workspace: cwd } = folders
  return execute({ file: process.execPath, args: [main], cwd, env, onLine: (line) => log.read(line), signal: context.signal })
}

async function runBuiltin(step: Step, uses: string, context: StepContext): Promise<StepResult> {
  const { request, sources, folders, log, scope, where } = context
  const given = Object.fromEntries(Object.entries(step.with ?? {}).map(([name, value]) => [name, text(value, 'step', scope, where)]))
  const builtin = known(uses, given, where)
  const inputs = new Map(Object.entries({ ...builtin.inputs, ...given }))
  const empty = { env: new Map<string, string>(), path: [], summary: '' }
  try {
    const outputs = await builtin.run({
      request,
      sources,
      workspace: folders.workspace,
      temp: folders.temp,
      input: (name) => inputs.get(name) ?? '',
      log,
    })
    return { ok: true, outputs: new Map(Object.entries(outputs)), ...empty }
  } catch (error) {
    log.read(`::error::${(error as Error).message.replaceAll('\n', '%0A')}`)
    return { ok: false, outputs: new Map(), ...empty }
  }
}

/** Where the node of this process lies, before the system's folders. */
export const PATH = [dirname(process.execPath), '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const
