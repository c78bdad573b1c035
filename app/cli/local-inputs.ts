/**
 * Inputs of a run outside of GitHub: what the API would answer is taken from the caller's own word, and only where the caller gives it. Nothing is made up:
 * without the word the collector of GitHub answers, and says what is missing.
 */
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { bypassOf, mergeMethodsOf, RepositoryAnswer, ruleOf, RulesAnswer, RulesetAnswer } from '../../agents/collect/branch-rules.ts'
import type { CollectContext, Collected } from '../../agents/collect/collector.ts'
import { COLLECTORS } from '../../agents/collect/index.ts'
import { CONFIG_MAX_BYTES } from '../../evidence/model/config.ts'
import { CliError } from './error.ts'
import { git, gitOrNull } from './repository.ts'
import type { Call } from './verb.ts'

const MAX_BODY = 200_000
const MAX_RULES = 1_000_000
/** GitHub's own answers, as `gh api` prints them. */
const Rules = z.strictObject({
  rules: RulesAnswer,
  rulesets: z.array(RulesetAnswer.extend({ id: z.number() })).default([]),
  repository: RepositoryAnswer.default({}),
})
const OWNERS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']

export const LOCAL_OPTIONS = {
  'pull-body': { type: 'string' },
  title: { type: 'string' },
  label: { type: 'string', multiple: true },
  'trust-owners': { type: 'boolean' },
  rules: { type: 'string' },
  config: { type: 'string' },
} as const
export const LOCAL_MEANING = {
  'pull-body': 'file with the text of the pull request, when GitHub is not asked',
  title: 'its title; default: subject of the newest commit',
  label: 'one of its labels; may repeat',
  'trust-owners': 'you state that GitHub knows every owner in CODEOWNERS; it is not asked',
  config: 'file in place of the config of the base branch; a preview, since releases are held to the base branch alone',
  rules:
    'file with the rules of the base branch, when GitHub is not asked: {"rules": what `gh api repos/OWNER/NAME/rules/branches/main` prints, "rulesets": […]}',
} as const

export async function localCollectors(call: Call): Promise<typeof COLLECTORS> {
  const [body, rules] = [await bodyOf(call), await rulesOf(call)]
  return {
    ...COLLECTORS,
    ...(rules === null ? {} : { protection: async (context: CollectContext) => protection(rules, context) }),
    ...(body === null ? {} : { pullRequest: (context: CollectContext) => pullRequest(call, body, context) }),
    ...(call.flag('trust-owners') ? { codeowners } : {}),
  }
}

function bodyOf(call: Call): Promise<string | null> {
  return fileOf(call, 'pull-body', MAX_BODY, 'the text of the pull request')
}

/** `--config`; null when it is not given. @throws CliError `not-found` */
export function configOf(call: Call): Promise<string | null> {
  return fileOf(call, 'config', CONFIG_MAX_BYTES, 'the config')
}

async function fileOf(call: Call, option: keyof typeof LOCAL_OPTIONS, most: number, what: string): Promise<string | null> {
  const given = call.text(option)
  if (given === undefined) return null
  const path = resolve(call.io.cwd, given)
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile() || found.size > most)
    throw new CliError('not-found', `--${option}=${given} is no file of at most ${most} bytes.`, `Name the file with ${what}.`)
  return readFile(path, 'utf8')
}

async function rulesOf(call: Call): Promise<z.infer<typeof Rules> | null> {
  const text = await fileOf(call, 'rules', MAX_RULES, 'the rules of the base branch')
  if (text === null) return null
  const next =
    'It is {"rules": what `gh api repos/OWNER/NAME/rules/branches/main` prints, "rulesets": [what `gh api repos/OWNER/NAME/rulesets/ID` prints]}.'
  try {
    return Rules.parse(JSON.parse(text))
  } catch (cause) {
    throw new CliError('usage', '--rules names a file that does not hold what GitHub answers.', next, { cause })
  }
}

/** A ruleset that the file does not hold is one that nobody showed. */
function protection({ rules, rulesets, repository }: z.infer<typeof Rules>, context: CollectContext): Collected<'protection'> {
  const ids = [...new Set(rules.map((rule) => rule.ruleset_id))]
  return {
    value: {
      base: context.base,
      unseen: null,
      rules: rules.map(ruleOf),
      bypasses: ids.map((id) => bypassOf(id, rulesets.find((one) => one.id === id) ?? null)),
      mergeMethods: mergeMethodsOf(repository),
      classic: null,
    },
  }
}

async function pullRequest(call: Call, body: string, context: CollectContext): Promise<Collected<'pullRequest'>> {
  const base =
    (await gitOrNull(context.workspace, ['rev-parse', `refs/remotes/origin/${context.base}`])) ??
    (await git(context.workspace, ['rev-parse', `refs/heads/${context.base}`]))
  const ref = (await gitOrNull(context.workspace, ['symbolic-ref', '--short', 'HEAD'])) ?? 'HEAD'
  const title = call.text('title') ?? (await git(context.workspace, ['log', '-1', '--format=%s', context.sha]))
  return {
    value: {
      number: context.pull ?? 1,
      title,
      body,
      labels: call.texts('label').toSorted(),
      head: { ref, sha: context.sha },
      base: { ref: context.base, sha: base },
    },
  }
}

async function codeowners(context: CollectContext): Promise<Collected<'codeowners'>> {
  for (const path of OWNERS) {
    const text = await gitOrNull(context.workspace, ['show', `${context.sha}:${path}`])
    if (text !== null) return { value: { file: { path, text: `${text}\n` }, problems: [] } }
  }
  return { value: { file: null, problems: [] } }
}
