/** 500 attestations signed with a key, verified as the product does: shape, signature, statement, predicate, subjects. */
import { performance } from 'node:perf_hooks'
import { EvidenceError } from '../../evidence/verify/error.ts'
import { verifyBundle } from '../../evidence/verify/verify.ts'
import { HEAD, REPOSITORY_ID, response, sign, statement, TRUST, verdict } from '../evidence/verify/statements.ts'

export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly limit: number
  readonly ok: boolean
}

const COUNT = 500
const LIMIT_SECONDS = 0.15
const ROUNDS = 7

export async function signatures(): Promise<Row[]> {
  const bundles = await Promise.all(Array.from({ length: COUNT }, (_, index) => attestation(index)))
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = performance.now()
    for (const bundle of bundles) {
      const answer = verifyBundle({ bundle, trust: TRUST, expect: { repositoryId: REPOSITORY_ID, sha: HEAD } })
      if (answer instanceof EvidenceError) throw answer
    }
    return (performance.now() - start) / 1000
  })
  const value = rounds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Infinity
  return [{ name: `${COUNT} attestations signed with a key, verified`, value, unit: 's', limit: LIMIT_SECONDS, ok: value <= LIMIT_SECONDS }]
}

async function attestation(index: number): Promise<Uint8Array> {
  const files = new Map([[`ci/report-${index}.json`, Buffer.from(`{"report":${index}}`)]])
  const of = response('commits', files)
  const verdicts = [verdict(), verdict({ metrics: { findings: 0, commits: index } })]
  return sign(statement('agent-response', { ...of, response: { ...of.response, verdicts } }, files))
}
