/** `apply`: carries out what agents planned, once a person has said which plan; or takes it back. */
import { resolve } from 'node:path'
import { changesOf } from '../../../agents/apply/change.ts'
import { carryOut, takeBack, type Outcome } from '../../../agents/apply/carry-out.ts'
import { ApplyError } from '../../../agents/apply/error.ts'
import { openJournal, readChanges } from '../../../agents/collect/change-folder.ts'
import { openGrafana } from '../../../agents/collect/grafana.ts'
import type { ChangeSet } from '../../../evidence/model/action-plan.ts'
import { CliError } from '../error.ts'
import { API_MEANING, API_OPTIONS, userApi } from '../github.ts'
import { hubOf } from '../hub.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call, Verb } from '../verb.ts'

async function readOrRefuse<Value>(reading: Promise<Value> | (() => Value)): Promise<Value> {
  try {
    return await (typeof reading === 'function' ? reading() : reading)
  } catch (error) {
    if (error instanceof ApplyError) throw new CliError('config', `${error.message}.`, error.next, { cause: error })
    throw error
  }
}

function shown(folder: string, set: ChangeSet, id: string): Answer {
  const changes = changesOf(set).flatMap(({ key, actions }) => actions.map(({ path, why }) => [key, path, why]))
  const text =
    changes.length === 0
      ? 'The plan changes nothing.'
      : `${table(['change', 'what', 'why'], changes)}\n\nNothing was changed. Read the texts in ${folder}/plan, then: release-conductor apply ${folder} --plan=${id}`
  return { exit: EXIT.ok, text, data: { id, set, outcomes: [] } }
}

function told(id: string, outcomes: readonly Outcome[]): Answer {
  const rows = outcomes.map(({ change, state, says, next }) => [change, state, next === null ? says : `${says}. ${next}`])
  const failed = outcomes.some(({ state }) => state === 'failed')
  return {
    exit: failed ? EXIT.no : EXIT.ok,
    text: outcomes.length === 0 ? 'There was nothing to do.' : table(['change', 'state', 'what was done'], rows),
    data: { id, outcomes },
  }
}

async function run(call: Call): Promise<Answer> {
  const given = call.words[0] ?? ''
  const folder = resolve(call.io.cwd, given)
  const { set, id } = await readOrRefuse(readChanges(folder))
  const wanted = call.text('plan')
  if (wanted === undefined && !call.flag('undo')) return shown(given, set, id)
  if (wanted !== undefined && wanted !== id)
    throw new CliError(
      'not-authorised',
      `The plan in ${given} is ${id}, not ${wanted.slice(0, 60)}.`,
      'Read it again, and say yes to what it is now.',
    )
  const api = await userApi(call)
  if (set.repository.toLowerCase() !== `${api.owner}/${api.name}`.toLowerCase())
    throw new CliError(
      'usage',
      `The plan was made for ${set.repository}, and this is ${api.owner}/${api.name}.`,
      `Add --repo=${set.repository}, or plan again with run --plan --repo=${api.owner}/${api.name}.`,
    )
  const simulate = call.flag('simulate') || call.io.env['SIMULATE'] === 'true'
  const journal = await readOrRefuse(openJournal(folder, id))
  const { GRAFANA_URL = '', GRAFANA_TOKEN = '' } = call.io.env
  const grafana = await readOrRefuse(() => openGrafana(GRAFANA_URL, GRAFANA_TOKEN))
  const work = { set, hub: await hubOf(api), grafana, journal, now: () => call.io.now(), simulate }
  return told(id, call.flag('undo') ? await takeBack(work) : await carryOut(work))
}

export const apply: Verb = {
  name: 'apply',
  summary: 'Carries out what agents planned, as you; or takes it back.',
  usage: 'DIR [--plan=ID [--simulate] | --undo] [--repo=owner/name]',
  examples: [
    ['release-conductor apply artifacts/P1', 'what `run --phase=P1 --plan` wrote: each change, and the id to say yes to'],
    [
      'release-conductor apply artifacts/P1 --plan=0123456789abcdef0123456789abcdef',
      'makes those changes: files as one pull request, the rest in place',
    ],
    ['release-conductor apply artifacts/P1 --undo', 'takes back what was made, as far as it can be taken back'],
  ],
  options: { plan: { type: 'string' }, undo: { type: 'boolean' }, simulate: { type: 'boolean' }, repo: API_OPTIONS.repo },
  meaning: {
    plan: 'id of the plan you have read: 32 hex digits',
    undo: 'take back what the journal beside the plan says was made',
    simulate: 'look, and say what would change; SIMULATE=true does the same',
    repo: API_MEANING.repo,
  },
  words: { least: 1, most: 1 },
  run,
}
