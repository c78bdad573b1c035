/**
 * Input `protection`: the rules that hold for the base branch, by the job's own token. Rules and rulesets need only `metadata: read`; who may bypass them is
 * shown to no job, and the input says so instead of "nobody".
 */
import { z } from 'zod'
import { get } from './api.ts'
import { bypassOf, mergeMethodsOf, RepositoryAnswer, ruleOf, RulesAnswer, RulesetAnswer } from './branch-rules.ts'
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import type { Inputs } from './inputs.ts'

type Protected = Inputs['protection']

const PAGE = 100
const MOST_PAGES = 10

/** https://docs.github.com/rest/branches/branches#get-a-branch */
const BranchAnswer = z.looseObject({
  protection: z
    .looseObject({
      enabled: z.boolean().optional(),
      required_status_checks: z
        .looseObject({
          enforcement_level: z.string(),
          checks: z.array(z.looseObject({ context: z.string(), app_id: z.number().nullish() })).default([]),
        })
        .optional(),
    })
    .optional(),
})

/** What GitHub does not show is said, and not taken for none: the workflows are there to be looked at all the same. */
export async function collectProtection(context: CollectContext): Promise<Collected<'protection'>> {
  try {
    return { value: await shown(context) }
  } catch (error) {
    if (error instanceof CollectError && error.code === 'api-refused') return { value: hidden(context, `${error.message}. ${error.next}`) }
    throw error
  }
}

function hidden({ base }: CollectContext, why: string): Protected {
  return { base, unseen: why.slice(0, 1000), rules: [], bypasses: [], mergeMethods: [], classic: null }
}

async function shown(context: CollectContext): Promise<Protected> {
  const { owner, name } = context.repository
  const here = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`
  const branch = encodeURIComponent(context.base)
  const found = await get(context, `${here}/branches/${branch}`, BranchAnswer)
  const repository = await get(context, here, RepositoryAnswer)
  if (found === null || repository === null)
    return hidden(
      context,
      `GitHub knows no branch ${context.base} in ${owner}/${name}, or the token may not see it. Give the job \`contents: read\`.`,
    )
  const rules = (await pages(context, `${here}/rules/branches/${branch}`)).map(ruleOf)
  const ids = [...new Set(rules.map(({ ruleset }) => ruleset.id))]
  const bypasses = await Promise.all(ids.map(async (id) => bypassOf(id, await ruleset(context, `${here}/rulesets/${id}?includes_parents=true`))))
  const classic = found.protection?.enabled === true ? found.protection.required_status_checks : undefined
  return {
    base: context.base,
    unseen: null,
    rules,
    bypasses,
    mergeMethods: mergeMethodsOf(repository),
    classic:
      classic === undefined
        ? null
        : {
            enforcement: classic.enforcement_level,
            checks: classic.checks.map((check) => ({ context: check.context, app: check.app_id ?? null })),
          },
  }
}

async function pages(context: CollectContext, path: string): Promise<z.infer<typeof RulesAnswer>> {
  const all: z.infer<typeof RulesAnswer> = []
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = (await get(context, `${path}?per_page=${PAGE}&page=${page}`, RulesAnswer)) ?? []
    all.push(...answer)
    if (answer.length < PAGE) return all
  }
  throw new CollectError('too-large', `more than ${PAGE * MOST_PAGES} rules hold for ${context.base}`, 'Merge rulesets that say the same.')
}

/** A ruleset of the organisation may be hidden from the token: then nobody knows who passes it by. */
async function ruleset(context: CollectContext, path: string): Promise<z.infer<typeof RulesetAnswer> | null> {
  try {
    return await get(context, path, RulesetAnswer)
  } catch (error) {
    if (error instanceof CollectError && error.code === 'api-refused') return null
    throw error
  }
}
