/** The config that a local run is held to: that of the base branch, or a file in its place for a preview. */
import { describeProblem, parseConfig } from '../../evidence/config/parse.ts'
import { CONFIG_PATH, type Config } from '../../evidence/model/config.ts'
import { gatePolicies } from '../../gates/index.ts'
import { CliError } from './error.ts'
import { configOf } from './local-inputs.ts'
import { gitOrNull } from './repository.ts'
import type { Call } from './verb.ts'

export interface BaseOf {
  readonly workspace: string
  readonly base: string
}

/** The config of the base branch; null when it is not there. @throws CliError when it is wrong */
export async function readConfig(call: Call, subject: BaseOf): Promise<{ readonly config: Config; readonly commit: string } | null> {
  const given = await configOf(call)
  for (const ref of [`refs/remotes/origin/${subject.base}`, `refs/heads/${subject.base}`]) {
    const commit = await gitOrNull(subject.workspace, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])
    if (commit === null) continue
    const there = given ?? (await gitOrNull(subject.workspace, ['show', `${commit}:${CONFIG_PATH}`]))
    if (there === null) return null
    const parsed = parseConfig(`${there.trimEnd()}\n`, gatePolicies())
    if (parsed.ok) return { config: parsed.config, commit }
    const told = parsed.errors.map((error) => describeProblem(error, CONFIG_PATH)).join('\n')
    throw new CliError(
      'config',
      `The config ${given === null ? `on ${subject.base}` : 'that --config names'} is wrong:\n${told}`,
      `Fix ${CONFIG_PATH} on ${subject.base}: it is read from there only.`,
    )
  }
  throw new CliError(
    'config',
    `The base branch ${subject.base} is not in this checkout.`,
    'Fetch it (git fetch origin), or name another: --base=BRANCH.',
  )
}
