/** `doctor`: is everything there that the rest needs? What it cannot look at, it says so; it never calls it well. */
import { access, constants, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { writeRuleset } from '../../../agents/apply/ruleset-write.ts'
import { rulesetOf } from '../../../agents/platform/cicd-engineer.rules.ts'
import { describeProblem, parseConfig } from '../../../evidence/config/parse.ts'
import { checkName } from '../../../evidence/model/check-name.ts'
import { CONFIG_PATH } from '../../../evidence/model/config.ts'
import { gatePolicies } from '../../../gates/index.ts'
import type { Finding } from '../doctor/finding.ts'
import { namesFinding } from '../doctor/names.ts'
import { readSettings, type Asked } from '../doctor/read-settings.ts'
import { settingsFindings } from '../doctor/settings.ts'
import { CliError } from '../error.ts'
import { API_MEANING, API_OPTIONS, userApi, type UserApi } from '../github.ts'
import { hubOf } from '../hub.ts'
import { nodeProblem } from '../node-version.ts'
import { table } from '../output.ts'
import { git, gitOrNull } from '../repository.ts'
import { EXIT } from '../verb.ts'
import type { Call, Exit, Verb } from '../verb.ts'

function node(): Finding {
  const problem = nodeProblem(process.versions.node)
  return { what: 'node', state: problem === null ? 'ok' : 'wrong', says: problem ?? process.versions.node }
}

async function config(call: Call): Promise<Finding> {
  const top = await gitOrNull(call.io.cwd, ['rev-parse', '--show-toplevel'])
  if (top === null) return { what: 'config', state: 'not looked at', says: 'this is no Git checkout' }
  const base = call.text('base') ?? 'main'
  for (const ref of [`refs/remotes/origin/${base}`, `refs/heads/${base}`]) {
    if ((await gitOrNull(top, ['rev-parse', '--verify', '--quiet', ref])) === null) continue
    const text = await git(top, ['show', `${ref}:${CONFIG_PATH}`]).catch(() => null)
    if (text === null) return { what: 'config', state: 'wrong', says: `${CONFIG_PATH} is not on ${ref}; it is read from there only` }
    const parsed = parseConfig(`${text}\n`, gatePolicies())
    if (!parsed.ok) return { what: 'config', state: 'wrong', says: parsed.errors.map((error) => describeProblem(error, CONFIG_PATH)).join('; ') }
    const promoters = [...parsed.config.people.approvers.promote.teams, ...parsed.config.people.approvers.promote.users]
    if (promoters.length === 0) return { what: 'config', state: 'wrong', says: 'nobody may promote: people.approvers.promote is empty' }
    return { what: 'config', state: 'ok', says: `right, on ${ref}` }
  }
  return { what: 'config', state: 'not looked at', says: `there is no branch ${base} here; name another with --base` }
}

/** As `serve` would read it, with the same environment; secrets are checked and never shown. */
async function operator(call: Call): Promise<Finding> {
  const what = 'operator file'
  const given = call.text('operator')
  if (given === undefined) return { what, state: 'not looked at', says: 'name it with --operator=FILE' }
  const path = resolve(call.io.cwd, given)
  const { loadOperator, OperatorError } = await import('../../operator.ts')
  try {
    const { github, routers, metrics } = loadOperator(path, call.io.env)
    const names = [...Object.keys(routers), ...Object.keys(metrics)].join(', ') || 'no router and no metrics source'
    return { what, state: 'ok', says: `${given} is right: App ${github.appId}; ${names}` }
  } catch (error) {
    if (error instanceof OperatorError) return { what, state: 'wrong', says: error.message }
    throw error
  }
}

/** Whose the names of the file are. GitHub is asked, as the App, only with `--github`. */
async function names(call: Call): Promise<readonly Finding[]> {
  const given = call.text('operator')
  if (given === undefined) return []
  const { loadOperator, OperatorError } = await import('../../operator.ts')
  const { openNames } = await import('../../open-names.ts')
  try {
    const { names: open, repositories } = await openNames(loadOperator(resolve(call.io.cwd, given), call.io.env), call.flag('github'))
    return [namesFinding(open, repositories)]
  } catch (error) {
    // Told already, under its own name.
    if (error instanceof OperatorError) return []
    return [{ what: 'who may use what', state: 'unreachable', says: error instanceof Error ? error.message : String(error) }]
  }
}

/** Each store of packs: is it there, and does it enforce what it should? A warning is wrong enough to say so, and no reason not to start. */
async function stores(call: Call): Promise<readonly Finding[]> {
  const given = call.text('operator')
  if (given === undefined) return []
  const { openArchive, OperatorError } = await import('../../keep/index.ts')
  try {
    const { keepers } = openArchive(resolve(call.io.cwd, given), { now: () => call.io.now() }, call.io.env)
    return await Promise.all(
      [...keepers.values()]
        .filter(({ kind }) => kind === 'directory' || kind === 's3')
        .map(async (keeper): Promise<Finding> => {
          const what = `packs in ${keeper.name}`
          try {
            const warnings = await keeper.check()
            return { what, state: warnings.length === 0 ? 'ok' : 'warning', says: warnings.length === 0 ? keeper.kind : warnings.join('; ') }
          } catch (error) {
            return { what, state: 'unreachable', says: error instanceof Error ? error.message : String(error) }
          }
        }),
    )
  } catch (error) {
    // A wrong operator file has been told already; what is missing of the stores has not.
    if (error instanceof OperatorError) return [{ what: 'packs', state: 'wrong', says: error.message }]
    throw error
  }
}

async function store(call: Call): Promise<Finding> {
  const url = call.io.env['DATABASE_URL']
  if (url === undefined || url === '')
    return { what: 'store', state: 'not looked at', says: 'no DATABASE_URL: the embedded store belongs to `serve` alone' }
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, query_timeout: 5000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ version: string }>('select current_setting($1) as version', ['server_version'])
    return { what: 'store', state: 'ok', says: `PostgreSQL ${rows[0]?.version ?? ''}` }
  } catch (error) {
    // The address holds a password, so only the code is told.
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no answer'
    return { what: 'store', state: 'unreachable', says: `DATABASE_URL does not answer (${code})` }
  } finally {
    await client.end().catch(() => {})
  }
}

async function writable(call: Call): Promise<Finding> {
  const path = resolve(call.io.cwd, 'artifacts')
  const place = (await stat(path).catch(() => null)) === null ? dirname(path) : path
  const may = await access(place, constants.W_OK).then(
    () => true,
    () => false,
  )
  return { what: 'artifacts', state: may ? 'ok' : 'wrong', says: may ? `${place} can be written` : `${place} cannot be written` }
}

/** Which App is ours, as `--app` or the operator's file says. @throws CliError */
async function appOf(call: Call): Promise<number | null> {
  const given = call.text('app')
  if (given !== undefined) {
    if (!/^[1-9]\d{0,14}$/.test(given)) throw new CliError('usage', `--app=${given.slice(0, 40)} is no App id.`, 'Give its number, e.g. --app=1234.')
    return Number(given)
  }
  const file = call.text('operator')
  if (file === undefined) return null
  const { loadOperator, OperatorError } = await import('../../operator.ts')
  try {
    return loadOperator(resolve(call.io.cwd, file), call.io.env).github.appId
  } catch (error) {
    // Told already, under its own name.
    if (error instanceof OperatorError) return null
    throw error
  }
}

/** Asked only when it is wanted: it takes a token and the network. */
async function github(call: Call): Promise<readonly Finding[]> {
  if (!call.flag('github') && !call.flag('apply'))
    return [
      {
        what: 'GitHub settings',
        state: 'not looked at',
        says: 'with --github and a GITHUB_TOKEN of yours: required check, who may pass it by, merge methods, immutable releases, merges while red',
      },
    ]
  const api = await userApi(call)
  const base = call.text('base') ?? 'main'
  const asked: Asked = { base, context: checkName('all_required_gates', base), app: await appOf(call) }
  return [...(call.flag('apply') ? [await applied(api, asked)] : []), ...settingsFindings(await readSettings(api, asked))]
}

async function applied(api: UserApi, asked: Asked): Promise<Finding> {
  if (asked.app === null)
    throw new CliError('usage', 'Which App must report the check is not said.', 'Add --app=ID, or --operator=FILE with the App of your server.')
  const name = `release-conductor (${asked.base})`
  const { id, made } = await writeRuleset(await hubOf(api), name, rulesetOf(asked, asked.app))
  return { what: 'ruleset', state: 'ok', says: `${made ? 'made' : 'brought up to date'}: "${name}", ruleset ${id}` }
}

function exitOf(findings: readonly Finding[]): Exit {
  if (findings.some((finding) => finding.state === 'unreachable')) return EXIT.unavailable
  if (findings.some((finding) => finding.state === 'wrong')) return EXIT.usage
  return findings.some((finding) => finding.state === 'indeterminate') ? EXIT.indeterminate : EXIT.ok
}

export const doctor: Verb = {
  name: 'doctor',
  summary: 'Looks whether everything is there that the rest needs.',
  usage: '[--base=main] [--operator=FILE] [--github [--app=ID] [--apply]]',
  examples: [
    ['release-conductor doctor --github --app=1234', 'whether GitHub really requires the check, from whom, and who may pass it by'],
    ['release-conductor doctor --apply --app=1234', "makes that ruleset with an admin's own token, and looks again"],
    ['release-conductor doctor --operator=operator.yml', 'Node, git, config on the base branch, operator file, store; says what it did not look at'],
  ],
  options: {
    base: { type: 'string' },
    operator: { type: 'string' },
    repo: API_OPTIONS.repo,
    app: { type: 'string' },
    github: { type: 'boolean' },
    apply: { type: 'boolean' },
  },
  meaning: {
    base: 'base branch whose config and rules are checked; default main',
    operator: "the operator's own file",
    repo: API_MEANING.repo,
    app: 'id of the App that must be the source of the check; else that of --operator',
    github: 'also ask GitHub for its settings, with your GITHUB_TOKEN',
    apply: 'first make, or bring up to date, the ruleset that requires the check; needs an admin',
  },
  words: { least: 0, most: 0 },
  async run(call) {
    const version = await gitOrNull(call.io.cwd, ['--version'])
    const gitFinding: Finding = { what: 'git', state: version === null ? 'wrong' : 'ok', says: version ?? 'git is not installed' }
    const findings = [
      node(),
      gitFinding,
      await config(call),
      await operator(call),
      ...(await names(call)),
      await store(call),
      ...(await stores(call)),
      await writable(call),
      ...(await github(call)),
    ]
    return {
      exit: exitOf(findings),
      text: table(
        ['what', 'state', 'says'],
        findings.map(({ what, state, says }) => [what, state, says]),
      ),
      data: { findings },
    }
  },
}
