/** GitHub's settings of a repository, as a person's token may see them. Reads only. */
import { z } from 'zod'
import { bypassOf, mergeMethodsOf, RepositoryAnswer, ruleOf, RulesAnswer, RulesetAnswer } from '../../../agents/collect/branch-rules.ts'
import type { Bypass } from '../../../agents/collect/inputs.ci.ts'
import { CliError } from '../error.ts'
import type { UserApi } from '../github.ts'
import type { MergedRelease, Settings } from './settings.ts'

/** Of the newest pull requests. */
const MOST_PULLS = 100
const MOST_RELEASES = 10

const Merged = z.array(
  z.looseObject({ number: z.number(), merged_at: z.string().nullish(), head: z.looseObject({ ref: z.string(), sha: z.string() }) }),
)
const Checks = z.looseObject({
  check_runs: z.array(z.looseObject({ id: z.number(), conclusion: z.string().nullish(), app: z.looseObject({ id: z.number() }).nullish() })),
})

const Environments = z.looseObject({ environments: z.array(z.looseObject({ name: z.string() })).optional() })
const ProtectionRules = z.looseObject({
  custom_deployment_protection_rules: z.array(z.looseObject({ enabled: z.boolean(), app: z.looseObject({ id: z.number() }) })).optional(),
})

export interface Asked {
  readonly base: string
  readonly context: string
  readonly app: number | null
}

/** @throws CliError when the repository cannot be read at all */
export async function readSettings(api: UserApi, { base, context, app }: Asked): Promise<Settings> {
  const rules = (await api.ask('GET', `/rules/branches/${encodeURIComponent(base)}?per_page=100`, RulesAnswer)).map(ruleOf)
  const repository = await api.ask('GET', '', RepositoryAnswer)
  return {
    base,
    app,
    context,
    rules,
    bypasses: await Promise.all([...new Set(rules.map(({ ruleset }) => ruleset.id))].map((id) => bypassed(api, id))),
    mergeMethods: mergeMethodsOf(repository),
    immutableReleases: await immutable(api),
    merged: await mergedReleases(api, { base, context, app }),
    environments: await environmentsOf(api),
  }
}

/** Rulesets of the organisation are read by the same address. */
async function bypassed(api: UserApi, id: number): Promise<Bypass> {
  return bypassOf(id, await unless(['not-found', 'not-authorised'], api.ask('GET', `/rulesets/${id}?includes_parents=true`, RulesetAnswer)))
}

/** GitHub says 404 both for "off" and for "you may not look"; only an admin's 404 says something. */
async function immutable(api: UserApi): Promise<boolean | null> {
  const Told = z.looseObject({ enabled: z.boolean() })
  const told = await unless(['not-found', 'not-authorised'], api.ask('GET', '/immutable-releases', Told))
  if (told !== null) return told.enabled
  const { permissions } = await api.ask('GET', '', z.looseObject({ permissions: z.looseObject({ admin: z.boolean() }).optional() }))
  return permissions?.admin === true ? false : null
}

async function mergedReleases(api: UserApi, { base, context, app }: Asked): Promise<readonly MergedRelease[]> {
  const closed = await api.ask(
    'GET',
    `/pulls?state=closed&base=${encodeURIComponent(base)}&sort=updated&direction=desc&per_page=${MOST_PULLS}`,
    Merged,
  )
  const releases = closed.filter(({ merged_at: at, head }) => at != null && /^release\/v\d/.test(head.ref)).slice(0, MOST_RELEASES)
  return Promise.all(
    releases.map(async ({ number, head }) => {
      const { check_runs: runs } = await api.ask(
        'GET',
        `/commits/${head.sha}/check-runs?check_name=${encodeURIComponent(context)}&filter=all&per_page=100`,
        Checks,
      )
      const ours = runs.filter((run) => app === null || run.app?.id === app).toSorted((a, b) => b.id - a.id)
      return { number, head: head.sha, conclusion: ours[0]?.conclusion ?? null }
    }),
  )
}

async function environmentsOf(api: UserApi): Promise<Settings['environments']> {
  const named = await unless(['not-found', 'not-authorised'], api.ask('GET', '/environments?per_page=100', Environments))
  if (named === null) return null
  return Promise.all(
    (named.environments ?? []).map(async ({ name }) => {
      // 404 also where the plan knows no such rules.
      const path = `/environments/${encodeURIComponent(name)}/deployment_protection_rules`
      const rules = await unless(['not-found', 'not-authorised'], api.ask('GET', path, ProtectionRules))
      return { name, apps: (rules?.custom_deployment_protection_rules ?? []).flatMap(({ enabled, app }) => (enabled ? app.id : [])) }
    }),
  )
}

async function unless<Found>(codes: readonly CliError['code'][], asked: Promise<Found>): Promise<Found | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CliError && codes.includes(error.code)) return null
    throw error
  }
}
