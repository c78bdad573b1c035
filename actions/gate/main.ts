/**
 * Decides in a job, for people without the App: the signed evidence of this very run, the config of the base branch, and the gates. What is not signed by
 * whom the config trusts, about this commit and made in this run, is no evidence. Nothing can be waived here: a waiver needs two people, whom only the App hears.
 */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { collect } from '../../agents/collect/index.ts'
import type { CollectContext } from '../../agents/collect/collector.ts'
import { inputDigest } from '../../agents/collect/inputs.ts'
import type { InputKind, RecordedInput } from '../../agents/collect/inputs.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import type { Config } from '../../evidence/model/config.ts'
import { Phase } from '../../evidence/model/phases.ts'
import { traceOf } from '../../evidence/model/trace.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { verifySignedPack, type BelievedStatement } from '../../evidence/verify/signed-pack.ts'
import { trustOfRelease } from '../../evidence/verify/trust.ts'
import { unreadable } from '../../gates/context.ts'
import { absentTopicsOf, declaredOf } from '../../gates/declared.ts'
import { evaluate } from '../../gates/evaluate.ts'
import { limitsOf, type Gate } from '../../gates/gate.ts'
import { GATES, gatePolicies } from '../../gates/index.ts'
import { ActionError } from '../lib/error.ts'
import { readFolder } from '../lib/folder.ts'
import { collectContext, type LookInputs } from '../lib/look.ts'

export interface GateInputs extends LookInputs {
  /** Folders of signed evidence, one a line: each a pack, or a folder of packs. */
  readonly path: string
  /** Phases separated by commas; null: all before the merge, and the gate over gates with them. */
  readonly phases: string | null
  /** `trusted_root.json` as text, for evidence that was signed without a key. */
  readonly trustedRoot: string | null
}

export interface Refused {
  readonly path: string
  readonly code: string
  readonly message: string
}

export interface Decided {
  /** All hold: `pass`; one is broken: `fail`; else `indeterminate`. */
  readonly verdict: 'pass' | 'fail' | 'indeterminate'
  readonly verdicts: readonly Verdict[]
  /** What arrived and was not believed. */
  readonly refused: readonly Refused[]
}

/** @throws ActionError `bad-input`, `environment`, `bad-handover` */
export async function run(inputs: GateInputs): Promise<Decided> {
  const gates = gatesOf(inputs.phases)
  const context = await collectContext(inputs)
  const policy = await collect('policy', context)
  const parsed = 'value' in policy ? parseConfig(policy.value.text, gatePolicies()) : null
  const of = {
    sha: context.sha,
    env: 'all',
    now: context.now,
    traceId: traceOf(`run/${context.repository.id}/${inputs.facts.runId}/${inputs.facts.runAttempt}`),
  }
  if (parsed?.ok !== true || 'blocked' in policy) {
    const why = 'blocked' in policy ? policy.blocked.why : `The config on ${context.base} cannot be used`
    const code = 'blocked' in policy ? 'config.absent' : 'config.invalid'
    return summed(
      gates.map((gate) => unreadable(gate.id, of, { code, message: why })),
      [],
    )
  }
  const { believed, refused } = await evidenceOf(inputs, parsed.config, context)
  const now = await inputsNow(gates, context)
  const verdicts: Verdict[] = []
  for (const gate of gates)
    verdicts.push(
      evaluate(gate, {
        ...asked(gate, parsed.config, policy.value.base, of),
        evidence: believed,
        inputs: now,
        rejections: refused.length,
        verdicts: [...verdicts],
      }),
    )
  return summed(verdicts, refused)
}

function asked(gate: Gate, config: Config, commit: string, of: { sha: string; env: string; now: number; traceId: string }) {
  const declared = declaredOf(config, gate)
  return {
    subject: { sha: of.sha, base: commit, env: of.env },
    policy: config.gates[gate.id] ?? {},
    budgets: limitsOf(config),
    notApplicable: declared.not_applicable === null ? null : { ...declared.not_applicable, commit },
    ownTopics: declared.own_topics,
    absentTopics: absentTopicsOf(declared, commit),
    now: of.now,
    deadline: null,
    traceId: of.traceId,
  }
}

const BEFORE_MERGE: readonly Phase[] = ['P0', 'P1', 'P2', 'P3', 'P4', 'P5']

/** The gate over gates speaks last, and only where every phase before the merge was asked for. */
function gatesOf(text: string | null): readonly Gate[] {
  const phases = text === null ? BEFORE_MERGE : text.split(',').map((phase) => phaseOf(phase.trim()))
  const whole = BEFORE_MERGE.every((phase) => phases.includes(phase))
  const gates = GATES.filter((gate) => (gate.readsVerdicts === true ? whole : phases.includes(gate.phase)))
  if (gates.length === 0)
    throw new ActionError(
      'bad-input',
      `No gate of ${phases.join(', ')} is built, so nothing would be decided. Built: ${[...new Set(GATES.map((gate) => gate.phase))].join(', ')}.`,
    )
  return gates.toSorted((a, b) => Number(a.readsVerdicts === true) - Number(b.readsVerdicts === true))
}

function phaseOf(text: string): Phase {
  const phase = Phase.safeParse(text)
  if (!phase.success) throw new ActionError('bad-input', `phases names ${JSON.stringify(text.slice(0, 40))}; give P0 to P8, separated by commas.`)
  return phase.data
}

async function evidenceOf(
  inputs: GateInputs,
  config: Config,
  context: CollectContext,
): Promise<{ readonly believed: readonly BelievedStatement[]; readonly refused: readonly Refused[] }> {
  const root = inputs.trustedRoot === null ? undefined : { bytes: Buffer.from(inputs.trustedRoot) }
  const trust = trustOfRelease(config, root)
  const believed: BelievedStatement[] = []
  const { packs, absent } = await packsIn(inputs.path)
  const refused: Refused[] = [...absent]
  for (const folder of packs) {
    const files = await readFolder(folder)
    const answer = verifySignedPack({ files, trust, expect: { repositoryId: context.repository.id, sha: context.sha }, now: context.now })
    refused.push(...answer.rejected)
    for (const statement of answer.believed) {
      const run = 'origin' in statement.predicate ? statement.predicate.origin.run_id : null
      if (run === inputs.facts.runId) believed.push(statement)
      else
        refused.push({
          path: statement.bundlePath,
          code: 'wrong-run',
          message: `it was made in run ${run ?? 'unknown'}, this is run ${inputs.facts.runId}`,
        })
    }
  }
  return { believed, refused }
}

/** A line names a pack, or a folder that holds packs, as `actions/download-artifact` leaves them. What is not there brings nothing, and is told. */
async function packsIn(path: string): Promise<{ readonly packs: readonly string[]; readonly absent: readonly Refused[] }> {
  const packs: string[] = []
  const absent: Refused[] = []
  for (const line of path.split('\n').map((each) => each.trim())) {
    if (line === '') continue
    const names = await readdir(line).catch(() => null)
    if (names === null)
      absent.push({ path: line.slice(0, 300), code: 'no-folder', message: 'there is no such folder; download rc-P* of this run first' })
    else if (names.includes('attestations')) packs.push(line)
    else for (const name of names.toSorted()) if (await isFolder(join(line, name, 'attestations'))) packs.push(join(line, name))
  }
  return { packs, absent }
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() === true
}

/** What the gates depend on, as it is now: evidence about what it was is stale. */
async function inputsNow(gates: readonly Gate[], context: CollectContext): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const kind of new Set(gates.flatMap((gate) => gate.dependsOn))) {
    const collected = await collect(kind as InputKind, context)
    if ('value' in collected) found[kind] = inputDigest({ kind, value: collected.value } as RecordedInput)
  }
  return found
}

function summed(verdicts: readonly Verdict[], refused: readonly Refused[]): Decided {
  const held = verdicts.every(({ verdict }) => verdict === 'pass' || verdict === 'not_applicable')
  const broken = verdicts.some(({ verdict }) => verdict === 'fail')
  return { verdict: held ? 'pass' : broken ? 'fail' : 'indeterminate', verdicts, refused }
}
