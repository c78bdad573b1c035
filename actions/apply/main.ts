/** Carries out a plan that somebody read and said yes to, in a job; or takes it back. Nothing else than that plan, and nothing of another repository. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { carryOut, takeBack, type Outcome } from '../../agents/apply/carry-out.ts'
import { ApplyError } from '../../agents/apply/error.ts'
import { openJournal, readChanges } from '../../agents/collect/change-folder.ts'
import { openGrafana } from '../../agents/collect/grafana.ts'
import { CHANGES_FILE } from '../../evidence/model/action-plan.ts'
import { readHandover } from '../lib/artifact.ts'
import { ActionError } from '../lib/error.ts'
import { checkHandover } from '../lib/handover.ts'
import { hubOf } from '../lib/hub.ts'
import type { RunFacts } from '../lib/run-facts.ts'

export interface ApplyInputs {
  readonly path: string
  readonly artifactDigest: string | null
  readonly plan: string
  /** `true` or `false`, as the next. */
  readonly undo: string
  readonly simulate: string
  readonly token: string
  readonly login: string
  readonly grafanaUrl: string | null
  readonly grafanaToken: string | null
  readonly out: string
  readonly facts: Pick<RunFacts, 'apiUrl' | 'repository'>
  readonly now: () => number
}

/** @throws ActionError; nothing is changed then */
export async function run(inputs: ApplyInputs): Promise<readonly Outcome[]> {
  const { facts, now, out, plan, simulate, undo } = inputs
  for (const [name, text] of [
    ['undo', undo],
    ['simulate', simulate],
  ] as const)
    if (text !== 'true' && text !== 'false') throw new ActionError('bad-input', `${name} is true or false.`)
  const { files } = checkHandover(await readHandover(inputs.path, inputs.artifactDigest))
  const bytes = files.get(CHANGES_FILE)
  if (bytes === undefined) throw new ActionError('no-handover', `The hand-over has no ${CHANGES_FILE}; run the agents with op: PLAN.`)
  await mkdir(dirname(join(out, CHANGES_FILE)), { recursive: true })
  await writeFile(join(out, CHANGES_FILE), bytes)
  const { set, id } = await readable(readChanges(out))
  if (id !== plan) throw new ActionError('bad-input', `The plan is ${id}, not ${plan.slice(0, 60)}. Read it again, and say yes to what it is now.`)
  if (set.repository.toLowerCase() !== facts.repository.toLowerCase())
    throw new ActionError('bad-input', `The plan was made for ${set.repository}, and this is ${facts.repository}.`)
  const journal = await readable(openJournal(out, id))
  const grafana = grafanaOf(inputs)
  const work = { set, grafana, journal, now, hub: hubOf(inputs.token, inputs.login, facts), simulate: simulate === 'true' }
  return undo === 'true' ? takeBack(work) : carryOut(work)
}

function grafanaOf({ grafanaUrl, grafanaToken }: ApplyInputs): ReturnType<typeof openGrafana> {
  try {
    return openGrafana(grafanaUrl ?? '', grafanaToken ?? '')
  } catch (error) {
    if (error instanceof ApplyError) throw new ActionError('bad-input', `${error.message}. ${error.next}`, { cause: error })
    throw error
  }
}

async function readable<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ApplyError) throw new ActionError('bad-handover', `${error.message}. ${error.next}`, { cause: error })
    throw error
  }
}
