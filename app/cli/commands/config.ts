/** `config check` and `config explain`. */
import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { idleKeys, notBuilt } from '../../../evidence/config/built.ts'
import { explainKey } from '../../../evidence/config/explain.ts'
import { describeProblem, parseConfig } from '../../../evidence/config/parse.ts'
import { readDocument } from '../../../evidence/config/document.ts'
import { allPaths } from '../../../evidence/config/tree.ts'
import { AGENTS } from '../../../agents/index.ts'
import { CONFIG_MAX_BYTES, CONFIG_PATH, type Config } from '../../../evidence/model/config.ts'
import { gatePolicies } from '../../../gates/index.ts'
import { CliError, unknownWord } from '../error.ts'
import { printable, table } from '../output.ts'
import { gitOrNull } from '../repository.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call, Verb } from '../verb.ts'

async function check(call: Call): Promise<Answer> {
  const given = call.words[1]
  const top = (await gitOrNull(call.io.cwd, ['rev-parse', '--show-toplevel'])) ?? call.io.cwd
  const path = given === undefined ? join(top, CONFIG_PATH) : resolve(call.io.cwd, given)
  const shown = given ?? CONFIG_PATH
  const text = await read(path, shown)
  const parsed = parseConfig(text, gatePolicies())
  if (!parsed.ok) {
    const told = parsed.errors.map((error) => describeProblem(error, shown)).join('\n')
    return {
      exit: EXIT.usage,
      text: `${told}\n\n${parsed.errors.length} wrong. Fix them and run this again.`,
      data: { ok: false, file: shown, errors: parsed.errors, digest: parsed.digest },
    }
  }
  const document = readDocument(text)
  const idle = document.ok ? idleKeys(document.value) : []
  const warnings = unasked(parsed.config.agents)
  const said = [
    `${shown} is right (sha256 ${parsed.digest}).`,
    ...(idle.length === 0 ? [] : [`Accepted and checked, but nothing acts on them yet: ${idle.join(', ')}.`]),
    ...warnings,
  ].join('\n')
  return { exit: EXIT.ok, text: said, data: { ok: true, file: shown, digest: parsed.digest, not_built: idle, warnings } }
}

/** Agents of one's own in a phase that never runs: a gate that waits for them waits for ever. */
function unasked(agents: Config['agents']): readonly string[] {
  const run = new Set(AGENTS.flatMap(({ phase }) => phase))
  return agents
    .filter(({ phase }) => !run.has(phase))
    .map(({ feeds, name, phase }) => {
      const waits = feeds.length === 0 ? '' : `, and ${feeds.join(', ')} would wait for it`
      return `agents.${name}: no run asks the agents of ${phase} yet${waits}. Give it one of ${[...run].toSorted().join(', ')}.`
    })
}

async function read(path: string, shown: string): Promise<string> {
  const found = await stat(path).catch(() => null)
  if (found === null)
    throw new CliError(
      'not-found',
      `There is no ${shown}.`,
      'Run `release-conductor init --version=vX.Y.Z` to make one, or name the file: `config check FILE`.',
    )
  if (!found.isFile() || found.size > CONFIG_MAX_BYTES)
    throw new CliError('config', `${shown} is not a file of at most ${CONFIG_MAX_BYTES} bytes.`, 'Name the config file: `config check FILE`.')
  return readFile(path, 'utf8')
}

function explain(call: Call): Answer {
  const key = call.words[1]
  const absent = notBuilt()
  if (key === undefined) {
    const rows = allPaths()
      .filter((path) => path.length === 1)
      .map((path) => explainKey(path.join('.')))
      .filter((each) => each !== undefined)
    const text = table(
      ['key', 'built', 'meaning'],
      rows.map((row) => [row.key, row.built ? (absent.some((path) => isBelow(path, row.key)) ? 'in part' : 'yes') : 'not yet', row.description]),
    )
    return {
      exit: EXIT.ok,
      text: `${text}\n\nMore about one: release-conductor config explain environments.prod.steps\nAccepted and checked, but nothing acts on them yet:\n  ${absent.join('\n  ')}`,
      data: { keys: rows, not_built: absent },
    }
  }
  const found = explainKey(key)
  if (found === undefined) {
    const known = allPaths().map((path) => path.join('.'))
    throw unknownWord('key', key, known, 'Run `release-conductor config explain` for all keys.')
  }
  const idle = absent.filter((path) => isBelow(path, key))
  const lines = [
    `${found.key}: ${found.description}`,
    `type      ${found.type}`,
    found.required ? 'required' : `default   ${found.default === undefined ? 'none' : JSON.stringify(found.default)}`,
    `example   ${found.example.replaceAll('\n', '\n          ')}`,
    ...(found.keys.length === 0 ? [] : [`keys      ${found.keys.join(', ')}`]),
    ...(found.built ? [] : ['Accepted and checked, but nothing acts on it yet.']),
    ...(found.built && idle.length > 0 ? [`Accepted and checked, but nothing acts on these yet: ${idle.join(', ')}.`] : []),
  ]
  return { exit: EXIT.ok, text: printable(lines.join('\n')), data: { ...found, not_built: idle } }
}

/** Is one key below another? `environments.*.hooks` is below `environments.prod`. */
function isBelow(path: string, key: string): boolean {
  const parts = path.split('.')
  const above = key.split('.')
  return parts.length > above.length && above.every((part, at) => parts[at] === part || parts[at] === '*')
}

export const config: Verb = {
  name: 'config',
  summary: 'Checks .github/release-conductor.yml, or explains its keys.',
  usage: 'check [file] | explain [key]',
  examples: [
    ['release-conductor config check', 'every error at once, with line, key, what was expected and an example'],
    ['release-conductor config explain environments.prod.steps', 'meaning, default and example of one key'],
    ['release-conductor config explain', 'all keys, and which of them nothing acts on yet'],
  ],
  options: {},
  meaning: {},
  words: { least: 1, most: 2 },
  async run(call) {
    if (call.words[0] === 'check') return check(call)
    if (call.words[0] === 'explain') return explain(call)
    throw new CliError('usage', `\`config ${call.words[0] ?? ''}\` is not known.`, 'Use `config check [file]` or `config explain [key]`.')
  },
}
