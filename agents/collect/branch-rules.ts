/** What GitHub answers about the rules of a branch, and the same in our words. Pure; `doctor` reads the same answers with a person's token. */
import { z } from 'zod'
import type { BranchRule, Bypass } from './inputs.ci.ts'

const Parameters = z.looseObject({
  required_status_checks: z.array(z.looseObject({ context: z.string(), integration_id: z.number().nullish() })).optional(),
  allowed_merge_methods: z.array(z.string()).optional(),
  merge_method: z.string().optional(),
  grouping_strategy: z.string().optional(),
})

/** https://docs.github.com/rest/repos/rules#get-rules-for-a-branch */
export const RulesAnswer = z.array(
  z.looseObject({
    type: z.string(),
    ruleset_id: z.number(),
    ruleset_source: z.string(),
    ruleset_source_type: z.string(),
    parameters: Parameters.optional(),
  }),
)

/** https://docs.github.com/rest/repos/rules#get-a-repository-ruleset; who may bypass is shown only to whoever may change the ruleset. */
export const RulesetAnswer = z.looseObject({
  name: z.string(),
  bypass_actors: z
    .array(z.looseObject({ actor_id: z.number().nullish(), actor_type: z.string(), bypass_mode: z.string().default('always') }))
    .nullish(),
  current_user_can_bypass: z.string().nullish(),
})

export const RepositoryAnswer = z.looseObject({
  allow_merge_commit: z.boolean().optional(),
  allow_squash_merge: z.boolean().optional(),
  allow_rebase_merge: z.boolean().optional(),
})

export function ruleOf(answer: z.infer<typeof RulesAnswer>[number]): BranchRule {
  const { type, ruleset_id: id, ruleset_source: name, parameters = {} } = answer
  return {
    type,
    ruleset: { id, name },
    requiredChecks: (parameters.required_status_checks ?? []).map((check) => ({ context: check.context, app: check.integration_id ?? null })),
    mergeMethods: parameters.allowed_merge_methods ?? (parameters.merge_method === undefined ? null : [parameters.merge_method.toLowerCase()]),
    grouping: parameters.grouping_strategy ?? null,
  }
}

/** @param answer null: the token may not see the ruleset at all */
export function bypassOf(id: number, answer: z.infer<typeof RulesetAnswer> | null): Bypass {
  if (answer === null) return { ruleset: `ruleset ${id}`, actors: null }
  const actors = answer.bypass_actors ?? null
  return {
    ruleset: `"${answer.name}"`,
    actors:
      actors?.map(({ actor_type: type, actor_id: actor, bypass_mode: mode }) => ({ who: actor == null ? type : `${type} ${actor}`, mode })) ?? null,
  }
}

export function mergeMethodsOf(answer: z.infer<typeof RepositoryAnswer>): string[] {
  return [
    ...(answer.allow_merge_commit === false ? [] : ['merge']),
    ...(answer.allow_squash_merge === false ? [] : ['squash']),
    ...(answer.allow_rebase_merge === false ? [] : ['rebase']),
  ]
}
