/**
 * From a finished run to believed evidence (SPEC part 13, How a response reaches the App): by artifact id, size-capped, signature, identity, subject and
 * commit checked, and bound to the run that the API names. What is not believed is kept as rejected, with the reason, and counts as absent.
 */
import { readArtifact } from '../../evidence/pack/artifact.ts'
import { verifySignedPack } from '../../evidence/verify/signed-pack.ts'
import type { Trust } from '../../evidence/verify/verifier.ts'
import { trustOfRelease } from '../../evidence/verify/trust.ts'
import type { ConfigFacts } from './facts.ts'
import type { ArtifactFacts, Evidence, EvidenceRow, OutboxRow, Ports, Rejection, ReleaseRecord, RunFacts } from './ports.ts'
import { isHook } from '../rollout/hooks.ts'
import { previewRun } from './previews.ts'

const MAX_ARTIFACT_BYTES = 32 * 1024 * 1024
/** Runs that are looked at whatever they are for. */
const NEWEST = 8
const SIGNED = /^rc-(P[0-8]|deploy)-(\d+)$/
const TRUSTED_EVENTS = new Set(['push', 'workflow_dispatch'])

interface Started {
  readonly outbox: readonly OutboxRow[]
  readonly config: ConfigFacts
  /** No run is asked about: these are known, their evidence was looked at, and what began since is on its way. Absent: all are. */
  readonly known?: ReadonlyMap<number, RunFacts>
}

/** Looks at the runs this release started; answers them by id. */
export async function admitRuns(ports: Ports, record: ReleaseRecord, { outbox, config, known }: Started): Promise<ReadonlyMap<number, RunFacts>> {
  const runs = new Map<number, RunFacts>()
  const started = outbox.flatMap((row) =>
    row.effect.kind === 'workflow.dispatch' && !isHook(row.effect) && previewRun(row.effect) === null && row.outcome?.id != null
      ? [{ key: row.key, id: row.outcome.id, workflow: row.effect.workflow }]
      : [],
  )
  const wanted = new Set([...started.slice(-NEWEST), ...newestOfPhases(started, record)])
  const seen = await ports.store.sources(record.key)
  for (const { id, workflow } of started.filter((one) => wanted.has(one))) {
    const run = known === undefined ? await ports.read.run(record.repository, id) : (known.get(id) ?? null)
    if (run === null) continue
    runs.set(id, run)
    if (known !== undefined) continue
    if (run.status !== 'completed' || !config.ok) continue
    for (const artifact of await ports.read.artifacts(record.repository, id)) {
      const attempt = SIGNED.exec(artifact.name)?.[2]
      if (attempt === undefined || Number(attempt) !== run.attempt || seen.has(sourceOf(artifact))) continue
      await admit(ports, record, {
        run,
        artifact,
        workflow,
        trust: trustOfRelease(config.config, ports.root),
      })
    }
  }
  return runs
}

/** Of each phase the newest run on this head: it decides whether agents still look, however many runs came after it. */
function newestOfPhases<Run extends { readonly key: string }>(started: readonly Run[], { key, head }: ReleaseRecord): Iterable<Run> {
  const newest = new Map<string, Run>()
  for (const one of started) {
    const [phase, sha] = one.key.startsWith(`${key}/evidence/`) ? one.key.slice(`${key}/evidence/`.length).split('/') : []
    if (phase !== undefined && sha === head.slice(0, 12)) newest.set(phase, one)
  }
  return newest.values()
}

function sourceOf(artifact: ArtifactFacts): string {
  return `artifact:${artifact.id}`
}

interface Arrived {
  readonly run: RunFacts
  readonly artifact: ArtifactFacts
  readonly workflow: string
  readonly trust: Trust
}

async function admit(ports: Ports, record: ReleaseRecord, { run, artifact, workflow, trust }: Arrived): Promise<void> {
  const source = sourceOf(artifact)
  const rows: EvidenceRow[] = []
  const rejections: Rejection[] = [...wrongRun(record, run, artifact, workflow)].map(([code, message]) => ({ source, code, message }))
  const files = rejections.length === 0 ? await unpacked(ports, record, artifact) : null
  if (files !== null && 'code' in files) rejections.push({ source, ...files })
  else if (files !== null) {
    const answer = verifySignedPack({ files, trust, expect: { repositoryId: record.repository.id, sha: run.headSha }, now: ports.clock.now() })
    for (const rejected of answer.rejected)
      rejections.push({ source, code: rejected.code, message: `${rejected.path}: ${rejected.message}`.slice(0, 500) })
    for (const believed of answer.believed) {
      const unbound = wrongOrigin(believed.predicate, run)
      if (unbound !== null) {
        rejections.push({ source, code: 'wrong-run', message: `${believed.bundlePath}: ${unbound}` })
        continue
      }
      const bundle = files.get(believed.bundlePath)
      if (bundle === undefined || !isReadByGates(believed)) continue
      const kept = []
      for (const path of believed.files) {
        const bytes = files.get(path)
        if (bytes !== undefined) kept.push({ path, sha256: await ports.store.putBlob(bytes) })
      }
      rows.push({ evidence: believed, bundle: await ports.store.putBlob(bundle), files: kept, source })
    }
  }
  await ports.store.keepEvidence({
    releaseKey: record.key,
    sha: record.head,
    source,
    rows,
    rejections,
    events: [
      ...rows.map((row) => ({
        type: 'evidence.believed',
        data: { kind: row.evidence.kind, digest: row.evidence.digest, signer: row.evidence.signer, source },
      })),
      ...rejections.map((rejection) => ({ type: 'evidence.rejected', data: { source, code: rejection.code, message: rejection.message } })),
    ],
  })
}

/** The artifact's files, or why they will never be read. What asking again may mend (GitHub or the store out of reach) is thrown, and tried again. */
async function unpacked(
  ports: Ports,
  record: ReleaseRecord,
  artifact: ArtifactFacts,
): Promise<ReadonlyMap<string, Uint8Array> | Omit<Rejection, 'source'>> {
  let zip: Uint8Array
  try {
    zip = await ports.read.download(record.repository, artifact.id, MAX_ARTIFACT_BYTES)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'too-large') return { code: 'too-large', message: error.message.slice(0, 500) }
    throw error
  }
  try {
    return readArtifact(zip)
  } catch (error) {
    return { code: 'unreadable', message: error instanceof Error ? error.message.slice(0, 500) : 'the artifact cannot be read' }
  }
}

type Named = { readonly kind: string; readonly digest: string; readonly signer: string; readonly predicate: unknown }

function isReadByGates(believed: Named): believed is Evidence {
  return believed.kind === 'agent-response' || believed.kind === 'self-test' || believed.kind === 'rollout-event'
}

function* wrongRun(record: ReleaseRecord, run: RunFacts, artifact: ArtifactFacts, workflow: string): Iterable<[string, string]> {
  if (run.path !== `.github/workflows/${workflow}`) yield ['wrong-workflow', `run ${run.id} is of ${run.path}, not of ${workflow}`]
  if (!TRUSTED_EVENTS.has(run.event)) yield ['wrong-event', `run ${run.id} was started by ${run.event}, which is never evidence`]
  if (run.headRepositoryId !== record.repository.id) yield ['wrong-repository', `run ${run.id} is of another repository`]
  if (artifact.size > MAX_ARTIFACT_BYTES) yield ['too-large', `${artifact.name} has ${artifact.size} bytes; at most ${MAX_ARTIFACT_BYTES} are read`]
  if (artifact.expired) yield ['expired', `${artifact.name} has expired`]
}

/** A key says who signed, not where; where must be the run the API names. */
function wrongOrigin(predicate: unknown, run: RunFacts): string | null {
  const origin = (predicate as { readonly origin?: { readonly run_id: number; readonly run_attempt: number; readonly event: string } }).origin
  if (origin === undefined) return 'it does not say where it was made'
  if (origin.run_id !== run.id || origin.run_attempt !== run.attempt)
    return `it was made in run ${origin.run_id}.${origin.run_attempt}, not in ${run.id}.${run.attempt}`
  if (origin.event !== run.event) return `it says it was started by ${origin.event}, the API says ${run.event}`
  return null
}
