/**
 * Asks an agent of the adopter's own: a command of the base branch, or an HTTPS endpoint on a host the config lists. The command runs in a copy of the base
 * branch's files, so that a pull request cannot rewrite its own judge; with no token, in a process group of its own that is killed at the end.
 */
import { spawn } from 'node:child_process'
import { lstat, mkdtemp, mkdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../../evidence/core/digest.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import type { Config } from '../../evidence/model/config.ts'
import { OWN_ANSWER_BYTES, OwnAnswer } from '../../evidence/model/own-answer.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import type { AgentRequest } from '../../evidence/model/request.ts'
import type { CollectContext } from './collector.ts'
import { CollectError } from './error.ts'
import { baseCommit, checkoutInto } from './git.ts'
import type { OwnRecord } from './inputs.own.ts'
import { killGroup, programOf } from './program.ts'

export type OwnAgent = Config['agents'][number]

/** Kilobytes of data one process may hold. */
const MEMORY_KB = 2 << 20
const SAID_BYTES = 4000
const FILE_BYTES = 5 << 20

export interface Heard {
  readonly record: OwnRecord
  /** What it wrote and named, as UTF-8 text, by its own names. */
  readonly written: ReadonlyMap<string, string>
}

interface Outcome {
  readonly answer: string | null
  readonly failure: string | null
  readonly said: string
}

/** The own agents of a phase as the config of the base branch names them; none when it cannot be read, which the gates refuse. */
export function ownAgentsOf(text: string | null, phase: string): { readonly agents: readonly OwnAgent[]; readonly hosts: readonly string[] } {
  const parsed = text === null ? null : parseConfig(text)
  if (parsed?.ok !== true) return { agents: [], hosts: [] }
  return { agents: parsed.config.agents.filter((agent) => agent.phase === phase), hosts: parsed.config.conduct.hosts }
}

/** Never throws: what went wrong is in the record. */
export async function askOwn(agent: OwnAgent, request: AgentRequest, context: CollectContext, hosts: readonly string[]): Promise<Heard> {
  const scratch = await mkdtemp(join(tmpdir(), 'own-agent-'))
  const out = join(scratch, 'out')
  await mkdir(out)
  let base: string | null = null
  let outcome: Outcome
  const asked: AgentRequest = { ...request, capabilities: await present(agent.capabilities) }
  try {
    if (agent.command === undefined) outcome = await post(agent, asked, hosts)
    else {
      base = await baseCommit(context.workspace, context.base)
      const files = join(scratch, 'base')
      await checkoutInto(context.workspace, base, files)
      outcome = await run(agent, asked, { cwd: files, out, context })
    }
    const { files, written } = await filesOf(out, outcome.answer)
    return { record: { ...frame(agent, asked, base), ...outcome, files }, written }
  } catch (error) {
    const failure = (error instanceof Error ? error.message : String(error)).slice(0, 1000)
    return { record: { ...frame(agent, asked, base), answer: null, failure, said: '', files: [] }, written: new Map() }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function frame(
  agent: OwnAgent,
  request: AgentRequest,
  base: string | null,
): Pick<OwnRecord, 'name' | 'topic' | 'feeds' | 'asked' | 'base' | 'request'> {
  return { name: agent.name, topic: agent.topic, feeds: agent.feeds, asked: agent.command?.join(' ') ?? agent.url ?? '', base, request }
}

/** Which of these programs the job has. */
async function present(programs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(programs.map(programOf))
  return programs.filter((_program, at) => found[at] != null)
}

interface Place {
  readonly cwd: string
  readonly out: string
  readonly context: CollectContext
}

async function run(agent: OwnAgent, request: AgentRequest, { context, cwd, out }: Place): Promise<Outcome> {
  const limit = milliseconds(agent.timeout)
  // The limit of memory holds for each process it starts; the shell does nothing else.
  const child = spawn('/bin/sh', ['-c', `ulimit -d ${MEMORY_KB}; exec "$@"`, 'sh', ...(agent.command ?? [])], {
    cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: cwd,
      LANG: 'C.UTF-8',
      RELEASE_CONDUCTOR_WORKSPACE: context.workspace,
      RELEASE_CONDUCTOR_OUT: out,
      RELEASE_CONDUCTOR_SHA: context.sha,
      RELEASE_CONDUCTOR_BASE: context.base,
    },
  })
  const [answer, said]: [Buffer[], Buffer[]] = [[], []]
  let bytes = 0
  let failure: string | null = null
  const stop = (why: string): void => {
    failure ??= why
    killGroup(child.pid)
  }
  child.stdout.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes > OWN_ANSWER_BYTES) stop(`it answered more than ${OWN_ANSWER_BYTES} bytes`)
    else answer.push(part)
  })
  child.stderr.on('data', (part: Buffer) => {
    said.push(part)
    while (said.length > 1 && said.slice(1).reduce((sum, one) => sum + one.length, 0) > SAID_BYTES) said.shift()
  })
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify(request))
  const timer = setTimeout(() => stop(`it did not end within ${agent.timeout}`), limit)
  const ended = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`))
    // What it left running holds the pipes open: it goes first.
    child.once('exit', () => killGroup(child.pid))
    child.once('close', (code, signal) => resolve(code === 0 ? null : `it ended with ${signal ?? `exit code ${code}`}`))
  })
  clearTimeout(timer)
  const words = Buffer.concat(said).subarray(-SAID_BYTES).toString('utf8').slice(0, SAID_BYTES)
  const why = failure ?? ended
  return { answer: why === null ? Buffer.concat(answer).toString('utf8').slice(0, OWN_ANSWER_BYTES) : null, failure: why, said: words }
}

async function post(agent: OwnAgent, request: AgentRequest, hosts: readonly string[]): Promise<Outcome> {
  const { host } = new URL(agent.url ?? '')
  if (!hosts.includes(host))
    throw new CollectError(
      'api-refused',
      `\`conduct.hosts\` of the config does not list ${host}; list it there, on the base branch`,
      'List the host.',
    )
  const response = await fetch(agent.url ?? '', {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(milliseconds(agent.timeout)),
    headers: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'release-conductor' },
    body: JSON.stringify(request),
  })
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > OWN_ANSWER_BYTES) throw new CollectError('too-large', `it answered more than ${OWN_ANSWER_BYTES} bytes`, 'Make the answer smaller.')
    parts.push(part)
  }
  if (!response.ok) return { answer: null, failure: `it answered ${response.status}`, said: '' }
  return { answer: Buffer.concat(parts).toString('utf8').slice(0, OWN_ANSWER_BYTES), failure: null, said: '' }
}

/** The files an answer names, as far as it wrote them: regular, UTF-8, not too large. */
async function filesOf(
  out: string,
  answer: string | null,
): Promise<{ readonly files: OwnRecord['files']; readonly written: ReadonlyMap<string, string> }> {
  const written = new Map<string, string>()
  const files: OwnRecord['files'] = []
  for (const path of named(answer)) {
    const at = join(out, path)
    const found = await lstat(at).catch(() => null)
    if (found === null || !found.isFile() || found.size > FILE_BYTES || (await realpath(at)) !== join(await realpath(out), path)) continue
    const bytes = await readFile(at)
    const text = bytes.toString('utf8')
    if (!Buffer.from(text).equals(bytes)) continue
    written.set(path, text)
    files.push({ path, sha256: sha256(bytes), size: bytes.length })
  }
  return { files, written }
}

function named(answer: string | null): readonly string[] {
  if (answer === null) return []
  try {
    const parsed = OwnAnswer.safeParse(JSON.parse(answer))
    return parsed.success ? [...new Set(parsed.data.artifacts.map(({ path }) => path))] : []
  } catch {
    return []
  }
}
