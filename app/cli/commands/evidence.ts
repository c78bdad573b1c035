/** `evidence <action>`: what a stranger needs of a pack, what the App does for a release, and how packs are kept, read and purged. */
import { ACTIONS } from '../evidence/index.ts'
import { evidenceOf } from '../evidence/verb.ts'
import type { Verb } from '../verb.ts'

export const evidence: Verb = evidenceOf(await Promise.all(Object.values(ACTIONS).map((load) => load())))
