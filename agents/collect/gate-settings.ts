/** The config of the base branch with the settings of one gate: what a collector needs before it knows what to ask, and whom it may ask. */
import type { z } from 'zod'
import { parseConfig } from '../../evidence/config/parse.ts'
import type { Config } from '../../evidence/model/config.ts'
import type { GateId } from '../../evidence/model/phases.ts'
import type { Blocked, CollectContext } from './collector.ts'
import { collectPolicy } from './policy.ts'

export interface GateSettings<Policy> {
  readonly config: Config
  readonly settings: Policy
}

/** @param schema of `gates.<gate>`, with defaults for all of it */
export async function gateSettings<Policy>(
  context: CollectContext,
  gate: GateId,
  schema: z.ZodType<Policy>,
): Promise<GateSettings<Policy> | { readonly blocked: Blocked }> {
  const policy = await collectPolicy(context)
  if ('blocked' in policy) return policy
  const parsed = parseConfig(policy.value.text, { [gate]: schema })
  if (parsed.ok) return { config: parsed.config, settings: schema.parse(parsed.config.gates[gate] ?? {}) }
  const [first] = parsed.errors
  const why = first === undefined ? 'it cannot be used' : `line ${first.line}: ${first.key} ${first.message}`
  return blocked(`gates.${gate}`, why, 'Run `release-conductor config check`.')
}

export function blocked(what: string, why: string, next: string): { readonly blocked: Blocked } {
  return { blocked: { what, why: why.slice(0, 500), next } }
}

/** Jobs ask hosts of the list on the base branch, and no others. @param whom in words, such as `the service under load` */
export function foreignHosts(config: Config, urls: readonly string[], whom: string): { readonly blocked: Blocked } | null {
  const foreign = [...new Set(urls.map((url) => new URL(url).host))].filter((host) => !config.conduct.hosts.includes(host))
  if (foreign.length === 0) return null
  return blocked(
    `leave to ask ${whom}`,
    `\`conduct.hosts\` of the config does not list ${foreign.join(', ')}`,
    'List it there, on the base branch: jobs ask no other hosts.',
  )
}
