/** What a release was planned from, kept on its branch: version, range, scope and what agents are asked with (SPEC parts 3 and 9). */
import { z } from 'zod'
import type { Config } from '../../evidence/model/config.ts'
import { CommitSha, Version } from '../../evidence/model/primitives.ts'
import { AgentRequest, Scope } from '../../evidence/model/request.ts'

export const RunInputs = z.strictObject({
  format: z.literal(1),
  version: Version,
  /** The version before, and what the changes since then demand; null: the first release. */
  previous: Version.nullable(),
  bump: z.enum(['major', 'minor', 'patch']).nullable(),
  base: z.strictObject({ branch: z.string().max(255), commit: CommitSha }),
  environments: z.array(z.string().max(100)),
  scope: Scope,
  inputs: AgentRequest.shape.inputs,
})
export type RunInputs = z.infer<typeof RunInputs>

/** What changed, for people. */
export function notesPath(version: string): string {
  return `release_notes/${version}.md`
}

export function inputsPath(version: string): string {
  return `release_notes/${version}.inputs.json`
}

/** @param config of the base branch; null: there is none */
export function runInputs(of: Pick<RunInputs, 'version' | 'previous' | 'bump' | 'base'>, config: Config | null): string {
  const budgets = config?.budgets
  const inputs: RunInputs = {
    format: 1,
    ...of,
    environments: Object.keys(config?.environments ?? {}),
    scope: { env: 'all', services: ['*'], tenants: ['*'] },
    inputs: {
      params: { version: of.version },
      feature_flags: Object.fromEntries((config?.flags.ga ?? []).map((flag) => [flag, true])),
      budgets:
        budgets === undefined
          ? {}
          : {
              preview_day_usd: budgets.preview_day_usd,
              ...Object.fromEntries(Object.entries(budgets.max_image_mb).map(([name, mb]) => [`max_image_mb.${name}`, mb])),
            },
      risk_ids: [],
    },
  }
  return `${JSON.stringify(RunInputs.parse(inputs), null, 2)}\n`
}
