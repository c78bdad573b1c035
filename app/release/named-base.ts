/** The config of a release's base, if the default branch's config names that base. A branch does not vouch for itself: whoever may push one may write a config on it. */
import type { Config } from '../../evidence/model/config.ts'
import { matches } from '../planning/pattern.ts'
import { configAt } from './config-at.ts'
import type { ConfigFacts } from './facts.ts'
import type { Ports, PullFacts, Repository } from './ports.ts'

export interface BaseConfig {
  readonly config: ConfigFacts
  /** That of the default branch, when it does not name the base: its people may still stop what goes on. */
  readonly instead?: Config
}

/** @param of.at the base, or the commit of it whose config holds; of a base that is not named nothing is read */
export async function configOfBase(
  ports: Ports,
  repository: Repository,
  { pull: { base, defaultBranch }, at }: { readonly pull: Pick<PullFacts, 'base' | 'defaultBranch'>; readonly at: string },
): Promise<BaseConfig> {
  const isDefault = base.ref === defaultBranch
  const naming = await configAt(ports, repository, isDefault ? at : defaultBranch)
  if (!naming.ok)
    return { config: isDefault ? naming : { ...naming, message: `${defaultBranch}, the default branch, must name ${base.ref}: ${naming.message}` } }
  if (naming.config.release.base.some((pattern) => matches(pattern, base.ref)))
    return { config: isDefault ? naming : await configAt(ports, repository, at) }
  const message = `release.base on ${defaultBranch}, the default branch, does not name ${base.ref}, so no release goes there and its config is not read`
  return { config: { ok: false, code: 'config.base-not-named', message }, instead: naming.config }
}
