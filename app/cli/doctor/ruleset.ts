/**
 * The ruleset that a release needs, made or brought up to date with an admin's own token: the App itself asks for no such right. What others keep in
 * rulesets of their own stays as it is.
 */
import { z } from 'zod'
import { rulesetOf } from '../../../agents/platform/cicd-engineer.rules.ts'
import type { UserApi } from '../github.ts'
import type { Asked } from './read-settings.ts'

const Listed = z.array(z.looseObject({ id: z.number(), name: z.string(), source_type: z.string().optional() }))
const Written = z.looseObject({ id: z.number(), _links: z.looseObject({ html: z.looseObject({ href: z.string() }).nullish() }).optional() })

/** Twice is once: a ruleset of that name is replaced. @throws CliError `not-authorised` or `not-found` for whoever is no admin */
export async function applyRuleset(api: UserApi, asked: Asked, app: number): Promise<{ readonly id: number; readonly made: boolean }> {
  const wanted = rulesetOf(asked, app)
  const name = `release-conductor (${asked.base})`
  const known = (await api.ask('GET', '/rulesets?per_page=100&includes_parents=false', Listed)).find((one) => one.name === name)
  const { id } =
    known === undefined ? await api.ask('POST', '/rulesets', Written, wanted) : await api.ask('PUT', `/rulesets/${known.id}`, Written, wanted)
  return { id, made: known === undefined }
}
