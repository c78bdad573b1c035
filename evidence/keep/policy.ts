/**
 * How long a pack is kept. Two classes, because two questions are asked later: "what did you ship?" (`release`: a pack whose release was proven or
 * promoted) and "what went wrong?" (`incident`: one that was rolled back or forced). A pack's class follows from its outcome, so nobody can file a pack
 * where it expires sooner. What is not a pack has no class: the store's blobs and samples are working copies of what lies in packs.
 */
import { RetentionClass } from '../model/manifest.ts'
import type { Manifest } from '../model/manifest.ts'
import type { EvidenceConfig } from '../model/config/services.ts'
import { milliseconds, timestamp } from '../model/primitives.ts'
import type { z } from 'zod'

/** Milliseconds by class, each a year at least. */
export type Retention = Readonly<Record<RetentionClass, number>>

/** `evidence.retention` for every class, and what `evidence.classes` says otherwise. */
export function retentionOf(config: Pick<z.infer<typeof EvidenceConfig>, 'retention' | 'classes'>): Retention {
  const of = (name: RetentionClass): number => milliseconds(config.classes[name] ?? config.retention)
  return { release: of('release'), incident: of('incident') }
}

export function classOf(outcome: Manifest['outcome']): RetentionClass {
  return outcome === 'proven' || outcome === 'promoted' ? 'release' : 'incident'
}

/** What the manifest says of its own keeping. @param sealedAt epoch milliseconds */
export function keepOf(outcome: Manifest['outcome'], sealedAt: number, retention: Retention): NonNullable<Manifest['keep']> {
  const name = classOf(outcome)
  return { class: name, until: timestamp(sealedAt + retention[name]) }
}

export const RETENTION_CLASSES: readonly RetentionClass[] = RetentionClass.options
