/** Opens a sealed pack, lets a test change what it likes, and seals it again with the very key of the App: what a thief of that key could do. */
import type { z } from 'zod'
import { canonicalize } from '../../evidence/core/canonical.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import { parseJson } from '../../evidence/core/json.ts'
import { notary, signedPosition } from '../../evidence/ledger/checkpoint.ts'
import { ConsistencyFile } from '../../evidence/ledger/consistency.ts'
import { readLedger } from '../../evidence/ledger/lines.ts'
import { Manifest } from '../../evidence/model/manifest.ts'
import type { Statement } from '../../evidence/model/statement.ts'
import { buildPack } from '../../evidence/pack/build.ts'
import { evidenceRoot } from '../../evidence/pack/evidence-root.ts'
import { CHECKPOINT, CONSISTENCY, HIGHLIGHTS, LEDGER, MANIFEST, MANIFEST_SIGNATURE } from '../../evidence/pack/layout.ts'
import { scanZip } from '../../evidence/pack/zip.ts'
import type { Signer } from '../../evidence/sign/signer.ts'
import { bundleBytes } from '../../evidence/sign/statement.ts'
import { readBundle } from '../../evidence/verify/bundle.ts'
import { readClaim } from '../../evidence/verify/claim.ts'
import { EvidenceError } from '../../evidence/verify/error.ts'
import { isBundlePath } from '../../evidence/verify/signed-pack.ts'
import { APP } from './sealed-release.ts'

export class Opened {
  readonly files: Map<string, Uint8Array>
  readonly manifest: Manifest

  constructor(zip: Uint8Array) {
    this.files = new Map(scanZip(zip).files ?? [])
    this.manifest = this.json(MANIFEST, Manifest)
  }

  json<Value>(path: string, schema: z.ZodType<Value>): Value {
    return schema.parse(parseJson(this.files.get(path) ?? new Uint8Array()))
  }

  put(path: string, value: unknown): void {
    this.files.set(path, Buffer.from(canonicalize(value)))
  }

  /** Changes a JSON document in place. */
  edit<Value>(path: string, schema: z.ZodType<Value>, change: (value: Value) => void): void {
    const value = this.json(path, schema)
    change(value)
    this.put(path, value)
  }

  statement(path: string): Statement {
    const bundle = readBundle(this.files.get(path) ?? new Uint8Array())
    if (bundle instanceof EvidenceError || !('payload' in bundle.content)) throw new Error(`${path} is no bundle of a statement`)
    return parseJson(bundle.content.payload) as unknown as Statement
  }

  /** Changes what a statement says and signs it again; its subjects get the digests that the files have now. */
  async restate<Predicate extends Record<string, unknown>>(
    path: string,
    schema: z.ZodType<Predicate>,
    signer: Signer,
    change: (predicate: Predicate) => void,
  ): Promise<void> {
    const statement = this.statement(path)
    const predicate = schema.parse(statement.predicate)
    change(predicate)
    statement.predicate = { ...predicate }
    for (const subject of statement.subject.slice(1))
      if (this.files.has(subject.name)) subject.digest.sha256 = sha256(this.files.get(subject.name) ?? '')
    this.files.set(path, bundleBytes(await signer.sign(Buffer.from(canonicalize(statement)))))
  }

  async seal(signer: Signer): Promise<Uint8Array> {
    const ledger = readLedger(this.files.get(LEDGER) ?? new Uint8Array()).entries
    const made = [MANIFEST, MANIFEST_SIGNATURE, LEDGER, CHECKPOINT, CONSISTENCY, HIGHLIGHTS]
    const files = new Map([...this.files].filter(([path]) => !made.includes(path)))
    const anchors = this.json(CONSISTENCY, ConsistencyFile).from.map(({ proof: _proof, ...anchor }) => anchor)
    const checkpoint = signedPosition(ledger, notary(APP.privateKeyPem))
    const claims = [...files].flatMap(([path, bytes]) => {
      const bundle = isBundlePath(path) ? readBundle(bytes) : null
      if (bundle === null || bundle instanceof EvidenceError || !('payload' in bundle.content)) return []
      const claim = readClaim(bundle.content.payload)
      return claim instanceof EvidenceError ? [] : [claim]
    })
    const { version, seal, repository, repository_id: repositoryId, commits, outcome, previous, sealed_at: sealedAt } = this.manifest
    const of = { version, seal, repository, repositoryId, commits, outcome, previous, sealedAt, files, ledger, checkpoint, anchors }
    return (await buildPack({ ...of, evidenceRoot: evidenceRoot(claims), signer })).zip
  }
}
