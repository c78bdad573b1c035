/** Makes one hand-over of several. Each is checked as the signing job would check it, before anything of it counts. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gather } from '../../agents/gather.ts'
import { canonicalize } from '../../evidence/core/canonical.ts'
import { HANDOVER_FILE, type Handover } from '../../evidence/model/handover.ts'
import { Phase } from '../../evidence/model/phases.ts'
import { ActionError } from '../lib/error.ts'
import { readFolder, writeFolder } from '../lib/folder.ts'
import { checkHandover } from '../lib/handover.ts'

const MOST_PARTS = 50

export interface GatherInputs {
  readonly phase: string
  readonly path: string
  readonly out: string
  /** Epoch milliseconds. */
  readonly now: number
}

/** @throws ActionError; AgentsError when the parts make no whole */
export async function run({ now, out, path, phase: given }: GatherInputs): Promise<Handover> {
  const phase = Phase.safeParse(given)
  if (!phase.success) throw new ActionError('bad-input', `phase is ${JSON.stringify(given.slice(0, 40))}; give P0 to P8.`)
  const names = await readdir(path).catch((cause: unknown) => {
    throw new ActionError('no-handover', `There is no folder ${path}.`, { cause })
  })
  if (names.length === 0 || names.length > MOST_PARTS)
    throw new ActionError('no-handover', `${path} holds ${names.length} parts; 1 to ${MOST_PARTS} can be gathered.`)
  const parts = await Promise.all(names.toSorted().map(async (name) => checkHandover(await readFolder(join(path, name)))))
  const { handover, files } = gather(parts, { phase: phase.data, now })
  await writeFolder(out, new Map([...files, [HANDOVER_FILE, Buffer.from(canonicalize(handover))]]))
  return handover
}
