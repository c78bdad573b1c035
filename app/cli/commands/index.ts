/** Every verb, loaded: for the overview, and for whoever asks about all of them. */
import type { Verb } from '../verb.ts'
import { LOADERS } from '../verbs.ts'

export const VERBS: readonly Verb[] = await Promise.all(Object.values(LOADERS).map((load) => load([])))
