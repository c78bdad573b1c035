/** What an agent of the adopter's own answered, read again from its record in the pack. It is not asked again: its word is what was signed. Pure. */
import { differences } from '../evidence/core/difference.ts'
import { CoreError } from '../evidence/core/error.ts'
import { parseJson } from '../evidence/core/json.ts'
import type { AgentResponsePredicate } from '../evidence/model/statement.ts'
import type { Replayed } from '../evidence/pack/replayed.ts'
import { z } from 'zod'
import { OwnRecord } from './collect/inputs.own.ts'
import { ownAnswer } from './own.ts'

const Recorded = z.strictObject({ kind: z.literal('own'), value: OwnRecord })

export function replayOwn(
  files: ReadonlyMap<string, Uint8Array>,
  packed: AgentResponsePredicate,
): Pick<Replayed, 'result' | 'differences' | 'why' | 'recomputed'> {
  const record = recordOf(files, packed)
  const now = Date.parse(packed.made_at)
  if (record === null || !Number.isFinite(now))
    return { result: 'indeterminate', differences: [], why: 'the record of what it said is not in the pack', recomputed: null }
  const { response } = ownAnswer(record, { phase: packed.response.phase, sha: packed.origin.sha, traceId: packed.response.trace_id, now })
  const { origin: _origin, ...stated } = packed
  const found = differences(stated, response, 'response')
  return { result: found.length === 0 ? 'same' : 'differs', differences: found, why: '', recomputed: response.response.result }
}

function recordOf(files: ReadonlyMap<string, Uint8Array>, { response }: AgentResponsePredicate): OwnRecord | null {
  const path = response.artifacts.findLast((artifact) => artifact.path.startsWith('inputs/'))?.path
  const bytes = path === undefined ? undefined : files.get(path)
  if (bytes === undefined) return null
  try {
    const parsed = Recorded.safeParse(parseJson(bytes, { maxBytes: 8 << 20 }))
    return parsed.success ? parsed.data.value : null
  } catch (error) {
    if (!(error instanceof CoreError)) throw error
    return null
  }
}
