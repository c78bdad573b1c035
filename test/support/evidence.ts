/** Signed artifacts as the attest job makes them, in memory: for tests and the simulator. */
import { assessAll } from '../../agents/run.ts'
import { AGENTS } from '../../agents/index.ts'
import type { CollectedInputs } from '../../agents/respond.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import type { Handover } from '../../evidence/model/handover.ts'
import type { Phase } from '../../evidence/model/phases.ts'
import type { EvidenceKind } from '../../evidence/model/kinds.ts'
import type { Origin, RolloutEventPredicate } from '../../evidence/model/statement.ts'
import { attestationPath } from '../../evidence/pack/layout.ts'
import { writeZip } from './zip.ts'
import type { Signer } from '../../evidence/sign/signer.ts'
import { bundleBytes, statementBytes, statementOf } from '../../evidence/sign/statement.ts'

export interface Given {
  readonly sha: string
  readonly pullRequest: { readonly title: string; readonly body: string; readonly labels: readonly string[] }
  readonly config: string
  readonly now: number
}

function gatesOf(text: string): Readonly<Record<string, unknown>> {
  const parsed = parseConfig(text)
  if (!parsed.ok) throw new Error(`the config of this story is wrong: ${JSON.stringify(parsed.errors)}`)
  return parsed.config.gates
}

/** What a person wrote on a healthy release pull request. */
export function healthyPullRequest(): Given['pullRequest'] {
  const value = AGENTS.flatMap((agent) => agent.planted).find((planted) => planted.expected === 'green' && 'pullRequest' in planted.inputs)
    ?.inputs as { pullRequest: Given['pullRequest'] } | undefined
  if (value === undefined) throw new Error('no agent plants a healthy pull request')
  const { title, body, labels } = value.pullRequest
  return { title, body, labels }
}

/** The inputs of every agent's first healthy twin, as of this commit, pull request and config; what gates read comes last and stays. */
export function healthyInputs(given: Given): CollectedInputs {
  const inputs: Record<string, { value: unknown }> = {}
  const { free = [], bound = [] } = Object.groupBy(AGENTS, (agent) => (agent.gate.length === 0 ? 'free' : 'bound'))
  for (const agent of [...free, ...bound])
    for (const [kind, value] of Object.entries(agent.planted.find((planted) => planted.expected === 'green')?.inputs ?? {})) inputs[kind] = { value }
  const pull = inputs['pullRequest']?.value as object
  inputs['pullRequest'] = { value: { ...pull, ...given.pullRequest } }
  // The config of these stories says that nothing is built.
  inputs['attestations'] = { value: { ...(inputs['attestations']?.value as object), list: null, files: [] } }
  inputs['policy'] = { value: { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: given.config } }
  return inputs
}

export function healthyHandover(given: Given, phase: Phase = 'P0'): { readonly handover: Handover; readonly files: ReadonlyMap<string, Uint8Array> } {
  const agents = AGENTS.filter((agent) => agent.phase.includes(phase))
  const { handover, files } = assessAll(agents, healthyInputs(given), {
    phase,
    sha: given.sha,
    traceId: 'e'.repeat(32),
    now: given.now,
    policy: gatesOf(given.config),
  })
  return { handover, files: new Map(files.map((file) => [file.path, Buffer.from(file.bytes)])) }
}

/** `origin.sha` is where the job ran; agents' statements are about that very commit. */
export async function signHandover(handover: Handover, files: ReadonlyMap<string, Uint8Array>, origin: Origin, signer: Signer): Promise<Uint8Array> {
  const out = new Map<string, Uint8Array>(files)
  const add = async (kind: EvidenceKind, topic: string, predicate: object, commit: string, paths: readonly string[]): Promise<void> => {
    const about = { repository: origin.repository, commit, files: paths.map((path) => ({ path, sha256: sha256(files.get(path) ?? '') })) }
    out.set(attestationPath(kind, topic), bundleBytes(await signer.sign(statementBytes(statementOf(kind, { ...predicate, origin }, about)))))
  }
  for (const response of handover.responses)
    await add(
      'agent-response',
      response.topic,
      response,
      origin.sha,
      response.response.artifacts.map((artifact) => artifact.path),
    )
  for (const receipt of handover.self_tests) await add('self-test', receipt.gate, receipt, origin.sha, [])
  return writeZip(out)
}

export async function signDeployment(event: Omit<RolloutEventPredicate, 'origin'>, origin: Origin, signer: Signer): Promise<Uint8Array> {
  const about = { repository: origin.repository, commit: event.sha, files: [] }
  const bundle = bundleBytes(await signer.sign(statementBytes(statementOf('rollout-event', { ...event, origin }, about))))
  return writeZip(new Map([[attestationPath('rollout-event', event.environment, event.step), bundle]]))
}
