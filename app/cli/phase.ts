/**
 * One phase on a plain checkout: runs its agents, then asks its gates, as the App would, of what the agents said. Nothing is signed, so it is a preview and
 * never evidence. It is the whole of `validate` and `run`.
 */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { randomBytes } from 'node:crypto'
import { AgentsError } from '../../agents/error.ts'
import { AGENTS } from '../../agents/index.ts'
import { conduct } from '../../agents/run.ts'
import { keepYoungHeapSmall } from '../../agents/young-heap.ts'
import { digestOf } from '../../evidence/core/digest.ts'
import { BudgetsConfig, TargetsConfig } from '../../evidence/model/config/limits.ts'
import type { Config } from '../../evidence/model/config.ts'
import type { Handover } from '../../evidence/model/handover.ts'
import { HANDOVER_FILE } from '../../evidence/model/handover.ts'
import { Phase, PhaseName } from '../../evidence/model/phases.ts'
import type { Origin } from '../../evidence/model/statement.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { absentTopicsOf, declaredOf } from '../../gates/declared.ts'
import { evaluate } from '../../gates/evaluate.ts'
import { limitsOf } from '../../gates/gate.ts'
import { GATES } from '../../gates/index.ts'
import { CliError } from './error.ts'
import { configOf, LOCAL_MEANING, LOCAL_OPTIONS, localCollectors } from './local-inputs.ts'
import { readConfig } from './base-config.ts'
import { phaseAnswer } from './phase-answer.ts'
import { planAnswer } from './plan.ts'
import { git, gitOrNull, repositoryName, topOf } from './repository.ts'
import type { Answer, Call } from './verb.ts'

export const PHASE_OPTIONS = {
  phase: { type: 'string' },
  workspace: { type: 'string' },
  base: { type: 'string' },
  repo: { type: 'string' },
  pull: { type: 'string' },
  ...LOCAL_OPTIONS,
} as const
export const PHASE_MEANING = {
  phase: `P0 to P8; built: ${Phase.options.filter((phase) => AGENTS.some((agent) => agent.phase.includes(phase))).join(', ')}`,
  workspace: 'the checkout; default: where you are',
  base: 'base branch, as origin has it; default: the default branch of origin, else main',
  repo: 'owner/name; default: GITHUB_REPOSITORY, else the remote origin',
  pull: 'number of the release pull request, read with GITHUB_TOKEN',
  ...LOCAL_MEANING,
} as const

/** Of a base branch without a config. */
const DEFAULT_LIMITS = limitsOf({ budgets: BudgetsConfig.parse({}), targets: TargetsConfig.parse({}) })

export interface Subject {
  readonly workspace: string
  readonly sha: string
  readonly base: string
  readonly repository: { readonly owner: string; readonly name: string }
  readonly pull: number | null
}

export interface PhaseWork {
  /** Where the artifacts go; null: nothing is written. */
  readonly out: string | null
  /** Also what the signing job needs. */
  readonly evidence: boolean
  /** Asks the agents what they would change, instead of asking the gates. */
  readonly plan?: boolean
}

export async function runPhase(call: Call, of: PhaseWork): Promise<Answer> {
  const phase = phaseOf(call)
  if (phase === 'P0') keepYoungHeapSmall()
  const subject = await subjectOf(call)
  const config = await readConfig(call, subject)
  const scratch = await mkdtemp(join(tmpdir(), 'release-conductor-'))
  try {
    const handover = await agentsOf(call, { phase, subject, config, out: scratch, op: of.plan === true ? 'PLAN' : 'EVIDENCE' })
    if (of.out !== null) await keep(scratch, of.out, handover, of.evidence)
    if (of.plan === true) return planAnswer(phase, handover, { declared: config?.config.not_applicable ?? {}, out: of.out })
    return phaseAnswer({
      phase,
      subject,
      handover,
      verdicts: verdictsOf(call, phase, subject, config, handover),
      declared: config?.config.not_applicable ?? {},
      out: of.out,
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function phaseOf(call: Call): Phase {
  const given = call.text('phase')
  const phase = Phase.safeParse(given)
  if (!phase.success)
    throw new CliError('usage', given === undefined ? 'Which phase?' : `--phase=${given.slice(0, 20)} is no phase.`, 'Use P0 to P8, e.g. --phase=P0.')
  if (!AGENTS.some((agent) => agent.phase.includes(phase.data)))
    throw new CliError(
      'not-built',
      `Phase ${phase.data} (${PhaseName[phase.data]}) has no agents yet, so nothing would be looked at.`,
      'Use --phase=P0. `release-conductor agents list` shows what there is.',
    )
  return phase.data
}

async function subjectOf(call: Call): Promise<Subject> {
  const workspace = await topOf(resolve(call.io.cwd, call.text('workspace') ?? '.'))
  const head = (await gitOrNull(workspace, ['symbolic-ref', '--short', 'refs/remotes/origin/HEAD'])) ?? 'origin/main'
  const pull = call.text('pull')
  if (pull !== undefined && !/^[1-9]\d{0,9}$/.test(pull))
    throw new CliError('usage', `--pull=${pull.slice(0, 40)} is no number.`, 'Give the number of the release pull request.')
  return {
    workspace,
    sha: await git(workspace, ['rev-parse', '--verify', 'HEAD^{commit}'], 'Make a first commit.'),
    base: call.text('base')?.replace(/^origin\//, '') ?? head.replace(/^origin\//, ''),
    repository: (await repositoryName(call.text('repo'), call.io.env, workspace)) ?? { owner: 'local', name: 'checkout' },
    pull: pull === undefined ? null : Number(pull),
  }
}

interface Asking {
  readonly phase: Phase
  readonly subject: Subject
  readonly config: { readonly config: Config } | null
  readonly out: string
  readonly op: 'PLAN' | 'EVIDENCE'
}

async function agentsOf(call: Call, { phase, subject, config, out, op }: Asking): Promise<Handover> {
  const token = call.io.env['GITHUB_TOKEN'] ?? ''
  const grafanaToken = call.io.env['GRAFANA_TOKEN'] ?? ''
  const given = await configOf(call)
  try {
    return await conduct({
      phase,
      op,
      context: {
        workspace: subject.workspace,
        apiUrl: (call.io.env['GITHUB_API_URL'] ?? 'https://api.github.com').replace(/\/+$/, ''),
        token: token === '' ? null : token,
        grafanaToken: grafanaToken === '' ? null : grafanaToken,
        repository: { ...subject.repository, id: 1 },
        sha: subject.sha,
        base: subject.base,
        pull: subject.pull,
        now: call.io.now(),
        ...(given !== null && { config: given }),
      },
      policy: config?.config.gates ?? {},
      own: { agents: config?.config.agents.filter((agent) => agent.phase === phase) ?? [], hosts: config?.config.conduct.hosts ?? [] },
      out,
      traceId: randomBytes(16).toString('hex'),
      now: call.io.now(),
      collectors: await localCollectors(call),
    })
  } catch (error) {
    if (error instanceof AgentsError && error.code === 'unsupported-op')
      throw new CliError('not-built', `${error.message}.`, '`release-conductor agents list` shows what there is.', { cause: error })
    if (error instanceof AgentsError)
      throw new CliError('unavailable', `The agents could not run: ${error.message}`, 'Look at the message; nothing was decided.', { cause: error })
    throw error
  }
}

/** Without `evidence` only what people read; with it, everything, as the signing job takes it. */
async function keep(scratch: string, out: string, handover: Handover, evidence: boolean): Promise<void> {
  const paths = [
    ...handover.files.map((file) => file.path).filter((path) => evidence || !path.startsWith('inputs/')),
    ...(evidence ? [HANDOVER_FILE] : []),
  ]
  for (const path of paths) {
    await mkdir(dirname(join(out, path)), { recursive: true })
    await cp(join(scratch, path), join(out, path))
  }
}

/** Says plainly that no job made it; a real origin comes from the signing job. */
function localOrigin(subject: Subject): Origin {
  return {
    repository: `${subject.repository.owner}/${subject.repository.name}`,
    repository_id: 1,
    sha: subject.sha,
    ref: 'local',
    event: 'local',
    workflow: 'local',
    signer_workflow: 'local',
    signer_digest: subject.sha,
    run_id: 1,
    run_attempt: 1,
    runner_environment: 'local',
  }
}

function verdictsOf(
  call: Call,
  phase: Phase,
  subject: Subject,
  config: { readonly config: Config; readonly commit: string } | null,
  handover: Handover,
): readonly Verdict[] {
  const origin = localOrigin(subject)
  const evidence = [
    ...handover.responses.map((response) => ({ kind: 'agent-response', predicate: { ...response, origin } })),
    ...handover.self_tests.map((receipt) => ({ kind: 'self-test', predicate: { ...receipt, origin } })),
  ].map(({ kind, predicate }) => ({ kind, predicate, digest: digestOf(predicate) }))
  const inputs = Object.fromEntries(handover.responses.flatMap((response) => response.inputs.map(({ kind, sha256 }) => [kind, sha256])))
  return GATES.filter((gate) => gate.phase === phase).map((gate) => {
    const declared = config === null ? null : declaredOf(config.config, gate)
    const commit = config?.commit ?? ''
    return evaluate(gate, {
      subject: { sha: subject.sha, base: subject.base, env: 'all' },
      evidence,
      policy: config?.config.gates[gate.id] ?? {},
      budgets: config === null ? DEFAULT_LIMITS : limitsOf(config.config),
      notApplicable: declared?.not_applicable ? { ...declared.not_applicable, commit } : null,
      ownTopics: declared?.own_topics ?? [],
      absentTopics: declared === null ? [] : absentTopicsOf(declared, commit),
      inputs,
      verdicts: [],
      rejections: 0,
      now: call.io.now(),
      deadline: null,
      traceId: handover.responses[0]?.response.trace_id ?? '0'.repeat(32),
    })
  })
}
