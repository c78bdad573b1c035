/** Between what is kept of a verdict and what `evaluate` asks for: the App decides through it, and a replay years later through the very same. Pure. */
import type { GateId } from '../evidence/model/phases.ts'
import { timestamp } from '../evidence/model/primitives.ts'
import type { Reason, Verdict } from '../evidence/model/verdict.ts'
import type { VerdictContext } from '../evidence/model/verdict-context.ts'
import { absentTopicsOf } from './declared.ts'
import type { EvaluateInput } from './evaluate.ts'

/** Which commit, where, when, and under which trace a verdict is given. */
export interface Occasion {
  readonly sha: string
  readonly env: string
  /** Epoch milliseconds. */
  readonly now: number
  readonly traceId: string
}

/** All of `evaluate`'s input that is neither a statement, nor the config, nor another gate's verdict. */
export function contextInput(
  of: Occasion,
  context: VerdictContext,
): Omit<EvaluateInput, 'evidence' | 'policy' | 'budgets' | 'hotfixGates' | 'verdicts'> {
  const {
    base,
    not_applicable: declared,
    absent_topics: topics,
    own_topics: ownTopics,
    policy_commit: commit,
    inputs,
    rejections,
    deadline,
  } = context
  return {
    subject: { sha: of.sha, base, env: of.env },
    notApplicable: declared === null || commit === null ? null : { ...declared, commit },
    ownTopics,
    absentTopics: commit === null ? [] : absentTopicsOf({ absent_topics: topics }, commit),
    inputs: Object.fromEntries(inputs.map(({ kind, sha256 }) => [kind, sha256])),
    rejections,
    now: of.now,
    deadline,
    traceId: of.traceId,
  }
}

/** Without a config no gate can be asked: each says no, and why. */
export function unreadable(gate: GateId, of: Occasion, why: { readonly code: Reason['code']; readonly message: string }): Verdict {
  return {
    gate,
    env: of.env,
    sha: of.sha,
    verdict: 'fail',
    metrics: {},
    thresholds: {},
    measured: null,
    evidence: [],
    reasons: [
      {
        code: why.code,
        message: why.message,
        next:
          why.code === 'config.base-not-named'
            ? 'Let the pull request go to a base that `release.base` on the default branch names, or name this one there.'
            : 'Run `release-conductor config check` and merge the correction into the base branch.',
      },
    ],
    agent: 'release-conductor',
    trace_id: of.traceId,
    at: timestamp(of.now),
  }
}
