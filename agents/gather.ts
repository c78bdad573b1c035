/**
 * The parts of a phase that ran beside each other -> one hand-over, as if one job had run them all. Agents that share an input must be in one part: two looks at
 * what moves are two inputs, and no gate could say which one it decided from. Pure.
 */
import { sha256 } from '../evidence/core/digest.ts'
import { Handover } from '../evidence/model/handover.ts'
import type { Phase } from '../evidence/model/phases.ts'
import { AgentsError } from './error.ts'
import { AGENTS, type ListedAgent } from './index.ts'
import { receiptsOf } from './receipts.ts'

export interface Part {
  readonly handover: Handover
  /** Path -> bytes, each as the hand-over names it. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** Of every own agent one record, whoever else has one. */
const OF_ITS_OWN = 'own'

/** @throws AgentsError `parts` when they do not make one whole phase */
export function gather(
  parts: readonly Part[],
  { phase, now, list = AGENTS }: { readonly phase: Phase; readonly now: number; readonly list?: readonly ListedAgent[] },
): Part {
  const strange = parts.find(({ handover }) => handover.phase !== phase)
  if (strange !== undefined) throw new AgentsError('parts', `a part is of phase ${strange.handover.phase}, not ${phase}`)
  const responses = parts.flatMap(({ handover }) => handover.responses)
  onceEach(responses, list, phase)
  oneLook(responses)
  const files = merged(parts)
  const answered = list.filter((agent) => responses.some((response) => response.agent.id === agent.id))
  const handover = Handover.parse({
    schema_version: 1,
    phase,
    responses,
    self_tests: receiptsOf(answered, { phase, now, list }),
    deployments: [],
    files: [...files].map(([path, bytes]) => ({ path, sha256: sha256(bytes), size: bytes.length })),
  } satisfies Handover)
  return { handover, files }
}

function onceEach(responses: Handover['responses'], list: readonly ListedAgent[], phase: Phase): void {
  const names = responses.map(({ agent }) => agent.name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new AgentsError('parts', `${twice} is in two parts; name each agent once`)
  const missing = list.filter((agent) => agent.phase.includes(phase) && !names.includes(agent.name)).map(({ name }) => name)
  if (missing.length > 0) throw new AgentsError('parts', `no part ran ${missing.join(', ')}; put each agent of ${phase} into a part`)
}

function oneLook(responses: Handover['responses']): void {
  const looks = responses.flatMap(({ agent, inputs }) => inputs.map(({ kind, sha256: digest }) => ({ kind, digest, agent: agent.name })))
  for (const [kind, of] of Map.groupBy(
    looks.filter((look) => look.kind !== OF_ITS_OWN),
    (look) => look.kind,
  ))
    if (new Set(of.map(({ digest }) => digest)).size > 1)
      throw new AgentsError(
        'parts',
        `parts saw different ${kind}; put those that look at it into one part: ${of.map(({ agent }) => agent).join(', ')}`,
      )
}

function merged(parts: readonly Part[]): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const [path, bytes] of parts.flatMap((part) => [...part.files])) {
    const known = files.get(path)
    if (known !== undefined && sha256(known) !== sha256(bytes)) throw new AgentsError('parts', `two parts wrote different ${path}`)
    files.set(path, bytes)
  }
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
