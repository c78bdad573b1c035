/** Which files of a repository hold its objectives: those of `slos`, and never the catalogue of golden paths, which often lies beside them. Pure. */
import type { Config } from '../model/config.ts'

/** Patterns; empty when the config names none. */
export function sloPatterns({ slos, golden_paths: catalogue }: Pick<Config, 'slos' | 'golden_paths'>): readonly string[] {
  return slos.length === 0 || catalogue === undefined ? slos : [...slos, `!${catalogue}`]
}
