/** `pack.seal`: builds the pack, verifies it with the public keys alone and computes it again as a stranger would, and only then keeps it. */
import { parseConfig } from '../../evidence/config/parse.ts'
import type { Draw } from '../../evidence/chart/png.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import { retentionOf } from '../../evidence/keep/policy.ts'
import type { Config } from '../../evidence/model/config.ts'
import { EvidenceConfig } from '../../evidence/model/config/services.ts'
import { replayPack } from '../../agents/replay.ts'
import { openPack } from '../../evidence/pack/open.ts'
import { verifyPack } from '../../evidence/pack/read.ts'
import { readZip, scanZip } from '../../evidence/pack/zip.ts'
import { parseJson } from '../../evidence/core/json.ts'
import { Manifest } from '../../evidence/model/manifest.ts'
import { MANIFEST } from '../../evidence/pack/layout.ts'
import type { Anchor } from '../../evidence/ledger/consistency.ts'
import type { Notary } from '../../evidence/ledger/checkpoint.ts'
import type { Signer } from '../../evidence/sign/signer.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import type { Trust, TrustedKey, TrustedRoot } from '../../evidence/verify/verifier.ts'
import { ReleaseError } from './error.ts'
import { loggedPath, sameSignature } from './log-effect.ts'
import type { Clock, Effect, Outcome, ReleaseRecord, StorePort } from './ports.ts'
import { sealPack } from './seal.ts'
import { dataOf } from './state.ts'
import { trustOfRelease } from './trust.ts'

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
    path(release: ReleaseRecord, seal: 1 | 2): string
    write(path: string, bytes: Uint8Array): Promise<void>
    read(path: string): Promise<Uint8Array | null>
  }
}

export function sealEffects(with_: Sealing): { perform(effect: SealEffect): Promise<Outcome>; find(effect: SealEffect): Promise<Outcome | null> } {
  const { store, signer, sealer, notary, key, clock, draw, files, root } = with_
  return {
    async perform(effect) {
      const record = await store.release(releaseOf(effect))
      if (record === null) throw new ReleaseError('no-such-release', `there is no release ${releaseOf(effect)}`)
      const config = await configOf(store, dataOf(record).policy?.digest)
      const first = effect.seal === 2 ? await files.read(files.path(record, 1)) : null
      const {
        zip,
        sha256: digest,
        checkpoint,
      } = await sealPack({
        store,
        signer,
        notary,
        ...(sealer === undefined ? {} : { sealer }),
        ...(root === undefined ? {} : { root }),
        logged: effect.seal === 2 && first !== null ? await loggedSeal(files, files.path(record, 1), first) : null,
        record,
        seal: effect.seal,
        outcome: effect.outcome,
        previous: first === null ? null : sha256(first),
        kept: first === null ? [] : [keptIn(first)],
        now: clock.now(),
        retention: retentionOf(config?.evidence ?? EvidenceConfig.parse({})),
        draw,
      })
      const trusted = {
        trust: config === null ? trustOf({ keys: [key], root: root ?? null }) : trustOfRelease(config, root, [key]),
        packTrust: trustOf({ keys: [key], root: root ?? null }),
      }
      const answer = verifyPack({
        zip,
        ...trusted,
        expect: { version: record.version, repositoryId: record.repository.id, head: record.head },
      })
      if (!answer.ok)
        throw new ReleaseError(
          'pack-unverified',
          `the pack does not verify: ${answer.errors
            .slice(0, 5)
            .map((fault) => `${fault.path}: ${fault.message}`)
            .join('; ')}`,
        )
      checkReplay(zip, trusted)
      const path = files.path(record, effect.seal)
      await files.write(path, zip)
      const { ledger, tree } = answer.report.manifest
      const data = { path, sha256: digest, ledger_root: ledger.root, tree_size: tree.size, tree_root: tree.root }
      const stores = [OWN_STORE, ...(config?.evidence.store ?? [])].join(' ')
      return { id: null, data: { ...data, checkpoint, stores } }
    },
    // Building again gives a pack of the same worth; only one that was kept and belongs to this seal counts as found.
    async find() {
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

/** The ledger's position in a pack that was sealed before. @throws PackError, ZodError when the file is no pack any more */
function keptIn(pack: Uint8Array): Anchor {
  const { tree } = Manifest.parse(parseJson(readZip(pack).get(MANIFEST) ?? new Uint8Array()))
  return { kept_in: 'pack', id: sha256(pack), size: tree.size, root: tree.root }
}

/** Seal 1's logged signature, when the log has answered and it is of this very pack. */
async function loggedSeal(files: Sealing['files'], path: string, zip: Uint8Array): Promise<Uint8Array | null> {
  const bytes = await files.read(loggedPath(path))
  return bytes !== null && sameSignature(bytes, zip) ? bytes : null
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
