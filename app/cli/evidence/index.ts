/** The list of actions of `evidence`, each loaded when it is asked for: to list what a lock file holds, nobody needs what verifies a pack. */
import type { Action } from './action.ts'

export const ACTIONS: Readonly<Record<string, () => Promise<Action>>> = {
  verify: async () => (await import('./verify.ts')).verify,
  'verify-bundle': async () => (await import('./verify-bundle.ts')).verifyBundle,
  pack: async () => (await import('./pack.ts')).pack,
  sbom: async () => (await import('./sbom.ts')).sbom,
  sign: async () => (await import('./sign.ts')).sign,
  keep: async () => (await import('./keep.ts')).keep,
  list: async () => (await import('./list.ts')).list,
  log: async () => (await import('./log.ts')).log,
  read: async () => (await import('./read.ts')).read,
  hold: async () => (await import('./hold.ts')).hold,
  'release-hold': async () => (await import('./hold.ts')).releaseHold,
  purge: async () => (await import('./purge.ts')).purge,
  tombstone: async () => (await import('./tombstone.ts')).tombstone,
}
