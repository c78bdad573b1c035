/** 500 attestations signed with a key, verified as the product does: shape, signature, statement, predicate, subjects. */
import { performance } from 'node:perf_hooks'
import type { Statement } from '../../evidence/model/statement.ts'
import { localKeySigner } from '../../evidence/sign/local-key.ts'
import { bundleBytes, statementBytes } from '../../evidence/sign/statement.ts'
import { EvidenceError } from '../../evidence/verify/error.ts'
import { verifyBundle } from '../../evidence/verify/verify.ts'
import { HEAD, KEYS, REPOSITORY_ID, response, statement, TRUST, verdict } from '../evidence/verify/statements.ts'
import type { Benchmark } from './benchmark.ts'
import { median, type Row } from './row.ts'

const COUNT = 500
const SIGNER = localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem })
const LIMIT_SECONDS = 0.15

export const signatures: Benchmark = {
  name: 'signatures',
  what: `${COUNT} attestations signed with a key, signed and verified`,
  tools: {},
  rounds: 15,
  counted: 'rounds',
  async run({ rounds, say }) {
    say(`${rounds} rounds of ${COUNT}`)
    const all = []
    for (let round = 0; round < rounds; round += 1) all.push(await once())
    return [
      row(`${COUNT} verified, wall`, median(all.map(({ verified }) => verified.wall)), LIMIT_SECONDS),
      row(`${COUNT} verified, processor`, median(all.map(({ verified }) => verified.cpu)), null),
      row(`${COUNT} signed and verified, wall`, median(all.map(({ signed, verified }) => signed.wall + verified.wall)), LIMIT_SECONDS),
    ]
  },
}

function row(what: string, ours: number, limit: number | null): Row {
  return { benchmark: 'signatures', what, unit: 's', ours, peer: null, limit }
}

async function once() {
  const statements = Array.from({ length: COUNT }, (_, index) => attestation(index))
  const { value: bundles, ...signed } = await timed(() =>
    Promise.all(statements.map(async (each) => bundleBytes(await SIGNER.sign(statementBytes(each))))),
  )
  const { value: refused, ...verified } = await timed(() =>
    bundles
      .map((bundle) => verifyBundle({ bundle, trust: TRUST, expect: { repositoryId: REPOSITORY_ID, sha: HEAD } }))
      .find((answer) => answer instanceof EvidenceError),
  )
  if (refused !== undefined) throw refused
  return { signed, verified }
}

/** Seconds. */
async function timed<Value>(work: () => Value): Promise<{ readonly value: Awaited<Value>; readonly wall: number; readonly cpu: number }> {
  const start = performance.now()
  const before = process.cpuUsage()
  const value = await work()
  const { user, system } = process.cpuUsage(before)
  return { value, wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 }
}

function attestation(index: number): Statement {
  const files = new Map([[`ci/report-${index}.json`, Buffer.from(`{"report":${index}}`)]])
  const of = response('commits', files)
  const verdicts = [verdict(), verdict({ metrics: { findings: 0, commits: index } })]
  return statement('agent-response', { ...of, response: { ...of.response, verdicts } }, files)
}
