/** The objectives that a canary of an environment is held to, and those that it is not, with why. Pure. */
import { objectiveWords } from '../../evidence/slo/held.ts'
import { heldTo, type Held } from '../judge/objectives.ts'
import type { FullFacts, Settings } from '../release/facts.ts'

const NONE: Held = { objectives: [], others: [] }

/** @param metrics the operator's name for the source @returns a sentence when the files cannot be read */
export function objectivesFor({ slos }: Pick<FullFacts, 'slos'>, metrics: string, { sources }: Pick<Settings, 'sources'>): Held | string {
  if (slos === undefined) return NONE
  if (!slos.ok) return slos.message
  const counts = sources !== undefined && Object.hasOwn(sources, metrics) ? sources[metrics]?.counts : undefined
  if (counts !== undefined) return heldTo(slos.slos, counts)
  return { objectives: [], others: slos.slos.map(({ id }) => ({ name: id, why: `nobody knows what ${metrics} counts` })) }
}

/** For people; '' when there are none. */
export function objectivesWords({ objectives, others }: Held): string {
  const held =
    objectives.length === 0
      ? []
      : [`The canary is also held to ${objectives.map(objectiveWords).join(', ')}: a budget that burns fast sends it back.`]
  const not = others.length === 0 ? [] : [`Not watched during the rollout: ${others.map(({ name, why }) => `${name} (${why})`).join('; ')}.`]
  return [...held, ...not].join(' ')
}
