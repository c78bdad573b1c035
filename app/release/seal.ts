/**
 * What the store knows of a release -> its evidence pack, signed. Seal 1 before the first promotion (what the decision rests on), seal 2 at 100 % or
 * after the way back. The caller keeps the bytes; nothing here touches a disk or GitHub.
 */
import { keepOf, type Retention } from '../../evidence/keep/policy.ts'
import { signedPosition, type Notary } from '../../evidence/ledger/checkpoint.ts'
import { Anchor } from '../../evidence/ledger/consistency.ts'
import type { Draw } from '../../evidence/chart/png.ts'
import type { Manifest } from '../../evidence/model/manifest.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { buildPack, type BuiltPack } from '../../evidence/pack/build.ts'
import { documentBytes } from '../../evidence/pack/documents.ts'
import { evidenceRoot } from '../../evidence/pack/evidence-root.ts'
import { attestationPath, CONFIG, GO_NO_GO, RELEASE_NOTES, SEAL_1_LOGGED, SELF_TEST, TRUSTED_ROOT } from '../../evidence/pack/layout.ts'
import type { Signer } from '../../evidence/sign/signer.ts'
import { isWorkflow } from '../../evidence/verify/trust.ts'
import type { TrustedRoot } from '../../evidence/verify/verifier.ts'
import { currentEvidence } from './current.ts'
import { ReleaseError } from './error.ts'
import { agreementFiles, verdictFiles } from './own-statements.ts'
import type { Evidence, EvidenceRow, OutboxRow, ReleaseRecord, Repository, StorePort } from './ports.ts'
import { seriesFiles } from './series.ts'
import { dataOf, type Rollout } from './state.ts'

export interface SealInputs {
  readonly store: StorePort
  readonly signer: Signer
  /** Signs the ledger's checkpoint. */
  readonly notary: Notary
  /** Signs the manifest; default: the same, without a timestamp. */
  readonly sealer?: Signer
  /** What certificates and log entries were checked against; it goes into the pack when one was believed, or a log is awaited. */
  readonly root?: TrustedRoot
  /** Seal 1's signature with its log entry, for seal 2, when there is one. */
  readonly logged?: Uint8Array | null
  readonly record: ReleaseRecord
  readonly seal: 1 | 2
  readonly outcome: Manifest['outcome']
  /** Digest of seal 1, for seal 2. */
  readonly previous: string | null
  /** The position of the ledger that the pack before keeps. */
  readonly kept: readonly Anchor[]
  /** Epoch milliseconds. */
  readonly now: number
  readonly retention: Retention
  /** The pictures of the series. */
  readonly draw: Draw
}

export interface SealedPack extends BuiltPack {
  /** The signed note in the pack. */
  readonly checkpoint: string
}

/** @throws ReleaseError `incomplete` when the store lacks what the pack must hold */
export async function sealPack(of: SealInputs): Promise<SealedPack> {
  const { store, record, seal, outcome, now } = of
  const data = dataOf(record)
  const rows = currentEvidence(await store.evidence(record.key, record.head), record.head)
  const decided = await store.verdicts(record.key, record.head)
  const files = new Map<string, Uint8Array>()
  if (data.policy === null) throw new ReleaseError('incomplete', 'the release has no config to seal')
  files.set(CONFIG, await need(store, data.policy.digest, 'the config'))
  if (of.root !== undefined && (data.rollout?.policy.log === true || of.sealer !== undefined || rows.some((row) => isWorkflow(row.evidence.signer))))
    files.set(TRUSTED_ROOT, of.root.bytes)
  if (of.logged != null) files.set(SEAL_1_LOGGED, of.logged)
  for (const row of rows) {
    files.set(bundlePath(row.evidence), await need(store, row.bundle, 'a bundle'))
    for (const file of row.files) files.set(file.path, await need(store, file.sha256, file.path))
  }
  const stating = { signer: of.signer, repository: nameOf(record.repository), commit: record.head }
  for (const [path, bytes] of await verdictFiles(stating, decided)) files.set(path, bytes)
  const gates = Object.fromEntries(decided.map(({ gate, verdict }) => [gate, verdict.verdict]))
  const go = decided.some(({ gate, verdict }) => gate === 'all_required_gates' && verdict.verdict === 'pass')
  files.set(
    GO_NO_GO,
    documentBytes({
      version: record.version,
      gates,
      headroom: {},
      exceptions: [],
      risk_open: [],
      drill_recent: null,
      evidence_signed: rows.length > 0,
      decision: go ? 'go' : 'no_go',
      reasons: decided.flatMap(({ verdict }) => verdict.reasons.map((reason) => `${verdict.gate}: ${reason.message}`)).slice(0, 200),
    }),
  )
  files.set(SELF_TEST, documentBytes({ schema_version: 1, receipts: receipts(rows) }))
  const root = evidenceRoot(rows.map((row) => row.evidence))
  if (data.rollout !== null) {
    for (const [path, bytes] of await agreementFiles(stating, record.version, data.rollout)) files.set(path, bytes)
    const samples = seal === 1 ? [] : await store.samples(record.key, `${data.rollout.number}/${data.rollout.environment}`)
    if (seal === 2) for (const [path, bytes] of await seriesFiles(record.version, data.rollout, samples, of.draw)) files.set(path, bytes)
  }
  files.set(RELEASE_NOTES, Buffer.from(notes(record, outcome, data.rollout)))
  const ledger = await store.ledger(record.key)
  const checkpoint = signedPosition(ledger, of.notary)
  const pack = await buildPack({
    version: record.version,
    seal,
    repository: stating.repository,
    repositoryId: record.repository.id,
    commits: { base: data.policy.commit, head: record.head },
    outcome,
    files,
    ledger,
    checkpoint,
    anchors: [...anchorsOf(await store.outbox(record.key)), ...of.kept],
    evidenceRoot: root,
    previous: of.previous,
    sealedAt: timestamp(now),
    keep: keepOf(outcome, now, of.retention),
    signer: of.sealer ?? of.signer,
  })
  return { ...pack, checkpoint: Buffer.from(checkpoint).toString() }
}

/** What others keep of the ledger, by the effects that gave it to them. */
export function anchorsOf(outbox: readonly OutboxRow[]): Anchor[] {
  return outbox.flatMap<Anchor>(({ effect, state, outcome }) => {
    if (state !== 'done') return []
    if (effect.kind === 'check.update' && effect.anchor !== undefined) return { kept_in: 'check-run', id: String(effect.checkRun), ...effect.anchor }
    if (effect.kind !== 'pack.seal') return []
    const anchor = Anchor.safeParse({
      kept_in: 'pack',
      id: outcome?.data?.['sha256'],
      size: outcome?.data?.['tree_size'],
      root: outcome?.data?.['tree_root'],
    })
    return anchor.success ? anchor.data : []
  })
}

function bundlePath(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'agent-response':
      return attestationPath(evidence.kind, evidence.predicate.topic, evidence.predicate.origin.run_id, evidence.predicate.origin.run_attempt)
    case 'self-test':
      return attestationPath(evidence.kind, evidence.predicate.gate, evidence.predicate.origin.run_id, evidence.predicate.origin.run_attempt)
    case 'rollout-event':
      return attestationPath(
        evidence.kind,
        evidence.predicate.environment,
        evidence.predicate.step,
        evidence.predicate.origin.run_id,
        evidence.predicate.origin.run_attempt,
      )
  }
}

function receipts(rows: readonly EvidenceRow[]): object[] {
  return rows.flatMap(({ evidence }) =>
    evidence.kind === 'self-test'
      ? [
          {
            gate: evidence.predicate.gate,
            gate_version: evidence.predicate.gate_version,
            cases: evidence.predicate.cases.length,
            statement: evidence.digest,
          },
        ]
      : [],
  )
}

async function need(store: StorePort, digest: string, what: string): Promise<Uint8Array> {
  const bytes = await store.blob(digest)
  if (bytes === null) throw new ReleaseError('incomplete', `${what} (${digest}) is not in the store`)
  return bytes
}

function nameOf(repository: Repository): string {
  return `${repository.owner}/${repository.name}`
}

function notes(record: ReleaseRecord, outcome: Manifest['outcome'], rollout: Rollout | null): string {
  const end =
    outcome === 'promoted'
      ? 'It serves everyone.'
      : outcome === 'rolled_back'
        ? `It was rolled back: ${rollout?.why?.sentence ?? ''}`
        : 'It is proven and about to be promoted.'
  return `# ${record.version}\n\n${end}\n\n- Commit: ${record.head}\n- Release pull request: #${record.pull}\n- Rollback: \`/rollback <reason>\` on the release pull request; traffic goes back to the version before.\n`
}
