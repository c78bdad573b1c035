/** Each entry of a hand-over becomes one statement, with the origin the agents could not know, about the commit and the files the entry answers for. */
import type { Origin, Statement } from '../../evidence/model/statement.ts'
import { statementOf } from '../../evidence/sign/statement.ts'
import type { EvidenceKind } from '../../evidence/model/kinds.ts'
import { ActionError } from './error.ts'
import type { CheckedHandover } from './handover.ts'

/** What a signing job lets through: what agents say, or what a deploy job says. Never both, so that agents cannot claim a deployment. */
export type Accept = 'evidence' | 'deployment'

export interface Unsigned {
  /** Where its bundle goes, `attestations/<kind>-<name>.sigstore.json`. */
  readonly path: string
  readonly statement: Statement
}

interface Entry {
  readonly kind: EvidenceKind
  readonly name: string
  readonly predicate: Readonly<Record<string, unknown>>
  /** The commit the entry is about. */
  readonly commit: string
  readonly files: readonly string[]
}

/** @throws ActionError `entry-not-accepted`, `bad-handover`, `file-not-covered`, `file-changed`, `file-missing` */
export function statementsOf(of: CheckedHandover, origin: Origin, accept: Accept): Unsigned[] {
  const entries = entriesOf(of, origin.sha, accept)
  if (entries.length === 0) throw new ActionError('bad-handover', 'The hand-over says nothing; there is nothing to sign.')
  const digests = new Map(of.handover.files.map((file) => [file.path, file.sha256]))
  const covered = new Set(entries.flatMap((entry) => entry.files))
  for (const path of digests.keys())
    if (!covered.has(path)) throw new ActionError('file-not-covered', `No entry of the hand-over answers for ${path}.`)
  const taken = new Set<string>()
  return entries.map((entry) => {
    const path = `attestations/${entry.kind}-${entry.name}.sigstore.json`
    if (taken.has(path)) throw new ActionError('bad-handover', `Two entries of the hand-over are ${entry.kind} ${entry.name}.`)
    taken.add(path)
    const files = entry.files.map((file) => ({ path: file, sha256: digests.get(file) ?? '' }))
    return {
      path,
      statement: statementOf(entry.kind, { ...entry.predicate, origin }, { repository: origin.repository, commit: entry.commit, files }),
    }
  })
}

function entriesOf({ handover }: CheckedHandover, commit: string, accept: Accept): Entry[] {
  const { responses, self_tests: selfTests, deployments } = handover
  const foreign = accept === 'evidence' ? deployments.length : responses.length + selfTests.length
  if (foreign > 0) throw new ActionError('entry-not-accepted', `This job signs ${accept} only; the hand-over holds ${foreign} other entries.`)
  const digests = new Map(handover.files.map((file) => [file.path, file.sha256]))
  return [
    ...responses.map((entry) => {
      for (const artifact of entry.response.artifacts) {
        const digest = digests.get(artifact.path)
        if (digest === undefined)
          throw new ActionError('file-missing', `Topic ${entry.topic} names ${artifact.path}, which the hand-over does not hold.`)
        if (digest !== artifact.sha256)
          throw new ActionError('file-changed', `Topic ${entry.topic} names another ${artifact.path} than the hand-over holds.`)
      }
      const cited = [
        ...entry.inputs.map((input) => input.sha256),
        ...entry.response.verdicts.flatMap((verdict) => verdict.measured?.data_digest ?? []),
      ]
      const inputs = cited.map((digest) => `inputs/${digest}`).filter((path) => digests.has(path))
      const files = [...new Set([...entry.response.artifacts.map((artifact) => artifact.path), ...inputs])]
      return { kind: 'agent-response' as const, name: entry.topic, predicate: entry, commit, files }
    }),
    ...selfTests.map((entry) => ({ kind: 'self-test' as const, name: entry.gate, predicate: entry, commit, files: [] })),
    ...deployments.map((entry) => ({ kind: 'rollout-event' as const, name: entry.environment, predicate: entry, commit: entry.sha, files: [] })),
  ]
}
