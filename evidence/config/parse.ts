/** Text of `.github/release-conductor.yml` -> a config with its digest, or every error at once. Pure. */
import type { z } from 'zod'
import { sha256 } from '../core/digest.ts'
import { Config } from '../model/config.ts'
import type { GateId } from '../model/phases.ts'
import { readDocument } from './document.ts'
import { problemsOf } from './issues.ts'
import type { ConfigProblem } from './problem.ts'

export type { ConfigProblem } from './problem.ts'

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly digest: string }
  | { readonly ok: false; readonly errors: readonly ConfigProblem[]; readonly digest: string }

/**
 * @param text the file as it is in the repository, UTF-8
 * @param policies the policy schema of each gate that is built, so that `gates.<id>` is checked as well
 * @returns the config with every default filled in, or all errors in the order of the file; `digest` is the SHA-256 of the text's bytes
 */
export function parseConfig(text: string, policies: Readonly<Partial<Record<GateId, z.ZodType>>> = {}): ParsedConfig {
  const digest = sha256(text)
  const document = readDocument(text)
  if (!document.ok) return { ok: false, errors: document.problems, digest }
  const parsed = Config.safeParse(document.value)
  if (!parsed.success) return { ok: false, errors: problemsOf(parsed.error.issues, document.value, document.places), digest }

  const errors = Object.entries(parsed.data.gates).flatMap(([gate, policy]) => {
    const checked = policies[gate as GateId]?.safeParse(policy)
    return checked === undefined || checked.success
      ? []
      : problemsOf(checked.error.issues, document.value, document.places, ['gates', gate], () => [])
  })
  return errors.length > 0 ? { ok: false, errors, digest } : { ok: true, config: parsed.data, digest }
}

/** One problem in one paragraph, for a terminal, a check run or a log. */
export function describeProblem(problem: ConfigProblem, file: string): string {
  const key = problem.key === '' ? '' : ` ${problem.key}:`
  return `${file}:${problem.line}:${problem.column}:${key} ${problem.message}. Expected ${problem.expected}. Example: ${problem.example}`
}
