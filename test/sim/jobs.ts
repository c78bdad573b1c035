/** What the jobs bring back: signed evidence of the release commit, and the deploy job's answer. */
import { PREVIEW_WORKFLOW } from './previews.ts'
import type { Phase } from '../../evidence/model/phases.ts'
import type { Origin } from '../../evidence/model/statement.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { healthyHandover, signDeployment, signHandover } from '../support/evidence.ts'
import { CONFIG_COMMIT } from './ports.ts'
import { pullRequest, SIGNER } from './setting.ts'

/** Workflows that bring no evidence. */
export const MUTE: ReadonlySet<string> = new Set(['smoke.yml', PREVIEW_WORKFLOW])

const handovers = new Map<string, ReturnType<typeof healthyHandover>>()

interface Asked {
  readonly phase: Phase
  /** Of the base branch, as the run reads it. */
  readonly config: string
  readonly now: number
}

function handoverOf(sha: string, { phase, config, now }: Asked): ReturnType<typeof healthyHandover> {
  const about = `${phase} ${sha} ${config}`
  const known = handovers.get(about) ?? healthyHandover({ sha, pullRequest: pullRequest(), config, now }, phase)
  handovers.set(about, known)
  return known
}

function origin(run: number, sha: string, attempt = 1): Origin {
  return {
    repository: 'acme/shop',
    repository_id: 7,
    sha,
    ref: 'refs/heads/main',
    event: 'workflow_dispatch',
    workflow: 'acme/shop/.github/workflows/x.yml@refs/heads/main',
    signer_workflow: 'release-conductor/release-conductor/.github/workflows/conduct.yml@1',
    signer_digest: 'f'.repeat(40),
    run_id: run,
    run_attempt: attempt,
    runner_environment: 'github-hosted',
  }
}

export async function evidence(run: number, sha: string, asked: Asked): Promise<Uint8Array> {
  const { handover, files } = handoverOf(sha, asked)
  return await signHandover(handover, files, origin(run, sha), SIGNER)
}

interface Deployed {
  readonly inputs: Readonly<Record<string, string>>
  readonly schema?: { readonly live: number } | undefined
  readonly attempt?: number
  /** Epoch milliseconds. */
  readonly now: number
}

export async function deployed(run: number, { inputs, schema, attempt = 1, now }: Deployed): Promise<Uint8Array> {
  return await signDeployment(
    {
      schema_version: 1,
      event: 'deployed',
      environment: inputs['environment'] ?? '',
      step: Number(inputs['step']),
      plan: inputs['plan'] ?? '',
      version: inputs['version'] ?? '',
      sha: inputs['sha'] ?? '',
      ...(schema !== undefined && { schema }),
      digests: { shop: `sha256:${'5'.repeat(64)}` },
      made_at: timestamp(now),
    },
    origin(run, CONFIG_COMMIT, attempt),
    SIGNER,
  )
}
