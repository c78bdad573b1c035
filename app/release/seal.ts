/**
 * What the store knows of a release -> its next evidence pack, signed: one before each rollout (what the decision rests on), one at 100 % everywhere, one
 * after the way back. Each follows the one before. The caller keeps the bytes; nothing here touches a disk or GitHub.
 */
import { keepOf, type Retention } from '../../evidence/keep/policy.ts'
import { signedPosition, type Notary } from '../../evidence/ledger/checkpoint.ts'
import { Anchor } from '../../evidence/ledger/consistency.ts'
import type { Draw } from '../../evidence/chart/png.ts'
import { GLASS } from '../../evidence/model/predicate/waiver.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { buildPack, type BuiltPack } from '../../evidence/pack/build.ts'
import { documentBytes } from '../../evidence/pack/documents.ts'
import { evidenceRoot } from '../../evidence/pack/evidence-root.ts'
import { attestationPath, CONFIG, GO_NO_GO, loggedSealPath, policyPath, RELEASE_NOTES, SELF_TEST, TRUSTED_ROOT } from '../../evidence/pack/layout.ts'
import type { Signer } from '../../evidence/sign/signer.ts'
import { isWorkflow } from '../../evidence/verify/trust.ts'
import type { TrustedRoot } from '../../evidence/verify/verifier.ts'
import { currentEvidence } from './current.ts'
import { ReleaseError } from './error.ts'
import { letsGo } from './glass.ts'
import { agreementFiles, verdictFiles, waiverFiles } from './own-statements.ts'
import type { Evidence, EvidenceRow, OutboxRow, ReleaseRecord, Repository, SealOutcome, StorePort } from './ports.ts'
import { agentPictures, seriesFiles } from './series.ts'
import { dataOf, type ReleaseData } from './state.ts'
import { waiversOf, type StandingWaiver } from './waivers.ts'

export interface SealInputs {
  readonly store: StorePort
  readonly signer: Signer
  /** Signs the ledger's checkpoint. */
  readonly notary: Notary
  /** Signs the manifest; default: the same, without a timestamp. */
  readonly sealer?: Signer
  /** What certificates and log entries were checked against; it goes into the pack when one was believed, or a log is awaited. */
  readonly root?: TrustedRoot
  readonly record: ReleaseRecord
  readonly outcome: SealOutcome
  /** The pack before; null for the first. */
  readonly before: Before | null
  /** Epoch milliseconds. */
  readonly now: number
  readonly retention: Retention
  /** The pictures of the series. */
  readonly draw: Draw
}

/** A pack that was sealed before, as it was kept. */
export interface Before {
  readonly seal: number
  readonly sha256: string
  /** Its signature with its log entry, when there is one. */
  readonly logged: Uint8Array | null
}

export interface SealedPack extends BuiltPack {
  /** The signed note in the pack. */
  readonly checkpoint: string
}

/** @throws ReleaseError `incomplete` when the store lacks what the pack must hold */
export async function sealPack(of: SealInputs): Promise<SealedPack> {
  const { store, record, outcome, before, now } = of
  const data = dataOf(record)
  const rows = currentEvidence(await store.evidence(record.key, record.head), record.head)
  const decided = await store.verdicts(record.key, record.head)
  const files = new Map<string, Uint8Array>()
  if (data.policy === null) throw new ReleaseError('incomplete', 'the release has no config to seal')
  files.set(CONFIG, await need(store, data.policy.digest, 'the config'))
  if (of.root !== undefined && (data.rollout?.policy.log === true || of.sealer !== undefined || rows.some((row) => isWorkflow(row.evidence.signer))))
    files.set(TRUSTED_ROOT, of.root.bytes)
  if (before !== null && before.logged !== null) files.set(loggedSealPath(before.seal), before.logged)
  for (const row of rows) {
    files.set(bundlePath(row.evidence), await need(store, row.bundle, 'a bundle'))
    for (const file of row.files) files.set(file.path, await need(store, file.sha256, file.path))
  }
  for (const [path, bytes] of await agentPictures(files, of.draw)) files.set(path, bytes)
  const stating = { signer: of.signer, repository: nameOf(record.repository), commit: record.head }
  for (const [path, bytes] of await verdictFiles(stating, decided)) files.set(path, bytes)
  const outbox = await store.outbox(record.key)
  const waivers = waiversOf(record, record.head, (key) => outbox.find((row) => row.key === key)?.outcome ?? null)
  for (const [path, bytes] of await waiverFiles(stating, waivers)) files.set(path, bytes)
  const gates = Object.fromEntries(decided.map(({ gate, verdict }) => [gate, verdict.verdict]))
  const go = letsGo(decided.find(({ gate }) => gate === GLASS)?.verdict)
  files.set(
    GO_NO_GO,
    documentBytes({
      version: record.version,
      gates,
      headroom: {},
      exceptions: waivers.map(({ predicate: { gate, hotfix, reason, expires_at, issue } }) => ({ gate, ...hotfix, reason, expires_at, issue })),
      risk_open: [],
      drill_recent: null,
      evidence_signed: rows.length > 0,
      decision: go ? 'go' : 'no_go',
      reasons: decided.flatMap(({ verdict }) => verdict.reasons.map((reason) => `${verdict.gate}: ${reason.message}`)).slice(0, 200),
    }),
  )
  files.set(SELF_TEST, documentBytes({ schema_version: 1, receipts: receipts(rows) }))
  const root = evidenceRoot([...rows.map((row) => row.evidence), ...waivers])
  const rollouts = [...data.ended, ...(data.rollout === null ? [] : [data.rollout])]
  for (const [path, bytes] of await agreementFiles(stating, record.version, rollouts)) files.set(path, bytes)
  for (const { authorised } of rollouts.flatMap(({ agreed }) => agreed))
    if (authorised !== undefined) files.set(policyPath(authorised.policy), await need(store, authorised.policy, 'the policy of commands'))
  for (const rollout of rollouts) {
    if (rollout === data.rollout && outcome === 'proven') continue
    const samples = await store.samples(record.key, `${rollout.number}/${rollout.environment}`)
    for (const [path, bytes] of await seriesFiles(record.version, rollout, samples, of.draw)) files.set(path, bytes)
  }
  files.set(RELEASE_NOTES, Buffer.from(notes(record, outcome, data, waivers)))
  const ledger = await store.ledger(record.key)
  const checkpoint = signedPosition(ledger, of.notary)
  const pack = await buildPack({
    version: record.version,
    seal: (before?.seal ?? 0) + 1,
    repository: stating.repository,
    repositoryId: record.repository.id,
    commits: { base: data.policy.commit, head: record.head },
    outcome,
    files,
    ledger,
    checkpoint,
    anchors: anchorsOf(outbox),
    evidenceRoot: root,
    previous: before?.sha256 ?? null,
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

function notes(record: ReleaseRecord, outcome: SealOutcome, { rollout, waivers: granted }: ReleaseData, waivers: readonly StandingWaiver[]): string {
  const owed = waivers.findLast(({ predicate }) => predicate.gate === GLASS)?.predicate
  const isProven = owed === undefined || granted.every(({ gate, settled }) => gate !== GLASS || settled?.proven === true)
  const end =
    outcome === 'promoted'
      ? 'It serves everyone.'
      : outcome === 'rolled_back'
        ? `It was rolled back: ${rollout?.why?.sentence ?? ''}`
        : isProven
          ? 'It is proven and about to be promoted.'
          : 'It is about to be promoted.'
  const glass = isProven
    ? ''
    : `\n\n**It ships by break-glass, without the proof of its gates.** ${owed.granted_by.map(({ login }) => login).join(' and ')} let it through: ${owed.reason}. Issue #${owed.issue} stays open until they hold.`
  return `# ${record.version}\n\n${end}${glass}\n\n- Commit: ${record.head}\n- Release pull request: #${record.pull}\n- Rollback: \`/rollback <reason>\` on the release pull request; traffic goes back to the version before.\n`
}
