/** `pack.seal`: builds the pack, verifies it with the public keys alone and computes it again as a stranger would, and only then keeps it. */
import { parseConfig } from '../../evidence/config/parse.ts'
import type { Draw } from '../../evidence/chart/png.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import { retentionOf } from '../../evidence/keep/policy.ts'
import type { Config } from '../../evidence/model/config.ts'
import { EvidenceConfig } from '../../evidence/model/config/services.ts'
import { replayPack } from '../../agents/replay.ts'
import { readLedger } from '../../evidence/ledger/lines.ts'
import { CHECKPOINT, LEDGER } from '../../evidence/pack/layout.ts'
import { openPack } from '../../evidence/pack/open.ts'
import { verifyPack, type PackAnswer, type PackReport } from '../../evidence/pack/read.ts'
import { readZip, scanZip } from '../../evidence/pack/zip.ts'
import type { Notary } from '../../evidence/ledger/checkpoint.ts'
import type { Signer } from '../../evidence/sign/signer.ts'
import { trustOfRelease, trustOf } from '../../evidence/verify/trust.ts'
import type { Trust, TrustedKey, TrustedRoot } from '../../evidence/verify/verifier.ts'
import { ReleaseError } from './error.ts'
import type { Clock, Effect, Outcome, OutboxRow, ReleaseRecord, StorePort } from './ports.ts'
import { sealPack, type Before } from './seal.ts'
import { dataOf } from './state.ts'

export type SealEffect = Extract<Effect, { kind: 'pack.seal' }>

/** `artifacts_dir`, where the pack is written: kept and purged like any other store. */
const OWN_STORE = 'artifacts'

export interface Sealing {
  readonly store: StorePort
  readonly signer: Signer
  /** Signs checkpoints, with the same key. */
  readonly notary: Notary
  /** The same key, with a timestamp beside the signature: signs the manifest. */
  readonly sealer?: Signer
  /** The signer's public key. */
  readonly key: TrustedKey
  readonly clock: Clock
  /** The pictures of the series; answers null where there can be none. */
  readonly draw: Draw
  /** Absent: no certificate is believed. */
  readonly root?: TrustedRoot
  readonly files: {
    /** A place of its own for each pack: nothing is ever written over another. */
    path(release: ReleaseRecord, seal: number, sha256: string): string
    /** Of all packs of this version with this number. */
    list(release: ReleaseRecord, seal: number): Promise<readonly string[]>
    /** `evidence.zip` of this version is that pack from now on. */
    point(release: ReleaseRecord, path: string): Promise<void>
    write(path: string, bytes: Uint8Array): Promise<void>
    read(path: string): Promise<Uint8Array | null>
  }
}

export function sealEffects(with_: Sealing): { perform(effect: SealEffect): Promise<Outcome>; find(effect: SealEffect): Promise<Outcome | null> } {
  const { store, signer, sealer, notary, key, clock, draw, files, root } = with_
  /** What a seal of this effect stands on now. */
  async function ground(effect: SealEffect) {
    const record = await store.release(releaseOf(effect))
    if (record === null) throw new ReleaseError('no-such-release', `there is no release ${releaseOf(effect)}`)
    const config = await configOf(store, dataOf(record).policy?.digest)
    const trusted = {
      trust: config === null ? trustOf({ keys: [key], root: root ?? null }) : trustOfRelease(config, root, [key]),
      packTrust: trustOf({ keys: [key], root: root ?? null }),
    }
    return { record, config, trusted, before: await packBefore(await store.outbox(record.key), files) }
  }
  type Ground = Awaited<ReturnType<typeof ground>>
  const verify = (zip: Uint8Array, { record, trusted, before }: Ground): PackAnswer => {
    const expect = { version: record.version, repositoryId: record.repository.id, head: record.head, previous: before?.sha256 ?? null }
    return verifyPack({ zip, ...trusted, expect })
  }
  async function kept(effect: SealEffect, { record, config }: Ground, path: string, report: PackReport, checkpoint: string): Promise<Outcome> {
    if (effect.outcome !== 'proven') await files.point(record, path)
    const { seal, previous, ledger, tree } = report.manifest
    const follows = previous === null ? {} : { previous }
    const data = { seal, path, sha256: report.sha256, ...follows, ledger_root: ledger.root, tree_size: tree.size, tree_root: tree.root }
    const stores = [OWN_STORE, ...(config?.evidence.store ?? [])].join(' ')
    return { id: null, data: { ...data, checkpoint, stores } }
  }
  return {
    async perform(effect) {
      const on = await ground(effect)
      const { record, config, before } = on
      const { zip, checkpoint } = await sealPack({
        store,
        signer,
        notary,
        ...(sealer === undefined ? {} : { sealer }),
        ...(root === undefined ? {} : { root }),
        record,
        outcome: effect.outcome,
        before,
        now: clock.now(),
        retention: retentionOf(config?.evidence ?? EvidenceConfig.parse({})),
        draw,
      })
      const answer = verify(zip, on)
      if (!answer.ok)
        throw new ReleaseError(
          'pack-unverified',
          `the pack does not verify: ${answer.errors
            .slice(0, 5)
            .map((fault) => `${fault.path}: ${fault.message}`)
            .join('; ')}`,
        )
      checkReplay(zip, on.trusted)
      const { seal } = answer.report.manifest
      const path = files.path(record, seal, answer.report.sha256)
      await files.write(path, zip)
      return kept(effect, on, path, answer.report, checkpoint)
    },
    /** One that an attempt left and could not tell of: it verifies, is the next of its chain, and its own ledger has the intent of this very effect. */
    async find(effect) {
      const on = await ground(effect)
      for (const path of await files.list(on.record, (on.before?.seal ?? 0) + 1)) {
        const zip = await files.read(path)
        const answer = zip === null ? null : verify(zip, on)
        if (zip === null || answer?.ok !== true || answer.report.manifest.outcome !== effect.outcome) continue
        const entries = readZip(zip)
        const { entries: ledger } = readLedger(entries.get(LEDGER) ?? new Uint8Array())
        if (ledger.some(({ type, data }) => type === 'effect.intended' && data['key'] === effect.key))
          return kept(effect, on, path, answer.report, Buffer.from(entries.get(CHECKPOINT) ?? '').toString())
      }
      return null
    },
  }
}

/**
 * A pack whose verdicts come out differently is never kept. One that cannot be computed again (a gate was changed by an update meanwhile) is: the next
 * reader will say so, and the verdicts in it were given all the same.
 */
function checkReplay(zip: Uint8Array, trusted: { readonly trust: Trust; readonly packTrust: Trust }): void {
  const pack = openPack({ files: scanZip(zip).files ?? new Map(), ...trusted })
  const replayed = pack === null ? null : replayPack(pack)
  const wrong = replayed === null ? [] : [...replayed.gates, ...replayed.decisions].filter((row) => row.result === 'differs')
  if (wrong.length > 0)
    throw new ReleaseError(
      'pack-unreplayable',
      `computed again from the pack, ${wrong.map(({ subject, differences }) => `${subject} differs (${differences.map(({ field }) => field).join(', ')})`).join('; ')}`.slice(
        0,
        1000,
      ),
    )
}

/** The newest pack of this release, with its logged signature when that is there as it was recorded. */
async function packBefore(outbox: readonly OutboxRow[], files: Sealing['files']): Promise<Before | null> {
  const sealed = outbox.flatMap(({ effect, outcome }) =>
    effect.kind === 'pack.seal' && outcome !== null ? { seal: Number(outcome.data?.['seal']), sha256: String(outcome.data?.['sha256']) } : [],
  )
  const last = sealed.toSorted((a, b) => a.seal - b.seal).at(-1)
  if (last === undefined) return null
  const entered = outbox.find(({ effect, outcome }) => effect.kind === 'log.enter' && effect.pack === last.sha256 && outcome !== null)?.outcome?.data
  const logged = entered === undefined ? null : await files.read(String(entered['path']))
  return { ...last, logged: logged !== null && sha256(logged) === entered?.['sha256'] ? logged : null }
}

/** The config that decided this release. */
async function configOf(store: StorePort, digest: string | undefined): Promise<Config | null> {
  const text = digest === undefined ? null : await store.blob(digest)
  const parsed = text === null ? null : parseConfig(Buffer.from(text).toString())
  return parsed?.ok === true ? parsed.config : null
}

/** Effect keys begin with their release's key. */
function releaseOf(effect: SealEffect): string {
  return effect.key.split('/')[0] ?? ''
}
