/**
 * A whole pack, computed again: what the agents measured from their recorded inputs, each gate's verdict from their statements, and what people agreed to
 * from the verdicts. So a lie is named where it was told. Pure.
 */
import type { OpenPack } from '../evidence/pack/open.ts'
import type { Replayed } from '../evidence/pack/replayed.ts'
import { replayDecisions } from '../gates/replay-decision.ts'
import { replayVerdicts, type GateReplayed, type PackedVerdict } from '../gates/replay.ts'
import type { Gate } from '../gates/gate.ts'
import { replayResponses } from './replay-responses.ts'

export interface PackReplayed {
  readonly gates: readonly GateReplayed[]
  readonly decisions: readonly Replayed[]
}

/** What the gates and people decided. @param gates default: those of this version */
export function replayPack(pack: OpenPack, gates?: readonly Gate[]): PackReplayed {
  const { manifest, statements, config, ledger } = pack
  const replayed = replayVerdicts({
    head: manifest.commits.head,
    sealedAt: Date.parse(manifest.sealed_at),
    evidence: statements,
    config,
    noted: notedVerdicts(pack),
    packed: packedVerdicts(pack),
    ...(gates === undefined ? {} : { gates }),
  })
  const decisions = replayDecisions({
    manifest,
    configDigest: config.digest,
    hashes: pack.hashes,
    statements,
    approvals: statements.flatMap((one) => (one.kind === 'approval' ? one.predicate : [])),
    decisions: statements.flatMap((one) => (one.kind === 'decision' ? one.predicate : [])),
    verdicts: [...pack.verdicts.values()],
    goNoGo: pack.goNoGo,
    ledger,
    gates: replayed,
  })
  return { gates: replayed, decisions }
}

/** What the agents answered, from what they were given. */
export function replayAgents({ statements, files, config }: OpenPack): readonly Replayed[] {
  return replayResponses({
    responses: statements.flatMap((one) => (one.kind === 'agent-response' ? one.predicate : [])),
    receipts: statements.flatMap((one) => (one.kind === 'self-test' ? one.predicate : [])),
    files,
    config: config.value,
  })
}

/** Every gate that anything in the pack speaks of. */
function packedVerdicts({ goNoGo, verdicts, statements }: OpenPack): readonly PackedVerdict[] {
  const stated = statements.flatMap((one) => (one.kind === 'verdict' ? one.predicate : []))
  const files = [...verdicts.values()]
  const names = new Set([...Object.keys(goNoGo?.gates ?? {}), ...files.map(({ gate }) => gate), ...stated.map(({ verdict }) => verdict.gate)])
  return [...names].toSorted().map((gate) => ({
    gate,
    verdict: files.find((file) => file.gate === gate) ?? null,
    statement: stated.find(({ verdict }) => verdict.gate === gate) ?? null,
  }))
}

/** Digest of each gate's last verdict, as the ledger has it. */
function notedVerdicts({ ledger }: OpenPack): ReadonlyMap<string, string> {
  return new Map(ledger.filter(({ type }) => type === 'verdict').map(({ data }) => [String(data['gate']), String(data['digest'])]))
}
