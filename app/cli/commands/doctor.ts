/** `doctor`: is everything there that the rest needs? What it cannot look at, it says so; it never calls it well. */
import { access, constants, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { describeProblem, parseConfig } from '../../../evidence/config/parse.ts'
import { CONFIG_PATH } from '../../../evidence/model/config.ts'
import { nodeProblem } from '../node-version.ts'
import { table } from '../output.ts'
import { git, gitOrNull } from '../repository.ts'
import { EXIT } from '../verb.ts'
import type { Call, Exit, Verb } from '../verb.ts'
import { gatePolicies } from './config.ts'

interface Finding {
  readonly what: string
  readonly state: 'ok' | 'warning' | 'wrong' | 'unreachable' | 'not looked at'
  readonly says: string
}

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

function exitOf(findings: readonly Finding[]): Exit {
  if (findings.some((finding) => finding.state === 'unreachable')) return EXIT.unavailable
  return findings.some((finding) => finding.state === 'wrong') ? EXIT.usage : EXIT.ok
}

export const doctor: Verb = {
  name: 'doctor',
  summary: 'Looks whether everything is there that the rest needs.',
  usage: '[--base=main] [--operator=FILE]',
  examples: [
    ['release-conductor doctor --operator=operator.yml', 'Node, git, config on the base branch, operator file, store; says what it did not look at'],
  ],
  options: { base: { type: 'string' }, operator: { type: 'string' } },
  meaning: { base: 'base branch whose config is checked; default main', operator: "the operator's own file" },
  words: { least: 0, most: 0 },
  async run(call) {
    const version = await gitOrNull(call.io.cwd, ['--version'])
    const gitFinding: Finding = { what: 'git', state: version === null ? 'wrong' : 'ok', says: version ?? 'git is not installed' }
    const settings: Finding = {
      what: 'GitHub settings',
      state: 'not looked at',
      says: 'required checks, merge methods and immutable releases are not read yet',
    }
    const findings = [
      node(),
      gitFinding,
      await config(call),
      await operator(call),
      await store(call),
      ...(await stores(call)),
      await writable(call),
      settings,
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
