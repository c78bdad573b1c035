/**
 * What the config on the base branch declares absent (SPEC part 3): a whole gate, or one topic of it (`not_applicable.hardening.manifests`). A declaration is
 * believed as long as no evidence speaks against it. Pure.
 */
import type { Config } from '../evidence/model/config.ts'
import type { Reason } from '../evidence/model/verdict.ts'
import type { VerdictContext } from '../evidence/model/verdict-context.ts'
import type { Gate, Testimony } from './gate.ts'
import { opinionOf } from './statement.ts'

export type Declared = Pick<VerdictContext, 'not_applicable' | 'absent_topics' | 'own_topics'>

/** One topic of a gate, declared absent at a commit of the base branch. */
export interface AbsentTopic {
  readonly topic: string
  readonly reason: string
  readonly by: string
  readonly commit: string
}

/** What is declared about one gate; topics sorted. */
export function declaredOf(config: Pick<Config, 'agents' | 'not_applicable'>, gate: Pick<Gate, 'id'>): Declared {
  const whole = config.not_applicable[gate.id]
  const topics = Object.entries(config.not_applicable)
    .filter(([key]) => key.startsWith(`${gate.id}.`))
    .map(([key, { reason, by }]) => ({ topic: key.slice(gate.id.length + 1), reason, by }))
  return {
    not_applicable: whole === undefined ? null : { reason: whole.reason, by: whole.by },
    absent_topics: topics.toSorted((a, b) => (a.topic < b.topic ? -1 : 1)),
    own_topics: [...new Set(config.agents.filter(({ feeds }) => feeds.includes(gate.id)).map(({ topic }) => topic))].toSorted(),
  }
}

/** The declared topics, at the commit whose config declares them. */
export function absentTopicsOf({ absent_topics: topics }: Pick<Declared, 'absent_topics'>, commit: string): readonly AbsentTopic[] {
  return topics.map((topic) => ({ ...topic, commit }))
}

/** Is, for every one of these gates, the gate itself declared absent, or this topic of it? */
export function isNotAsked(declared: Config['not_applicable'], gates: readonly string[], topic: string): boolean {
  return gates.every((gate) => declared[gate] !== undefined || declared[`${gate}.${topic}`] !== undefined)
}

/** The gate without the topics that are declared absent. */
export function asked(gate: Gate, absent: readonly AbsentTopic[]): Gate {
  return { ...gate, reads: gate.reads.filter((topic) => !absent.some((one) => one.topic === topic)) }
}

/** Declarations that cannot be meant: of a topic the gate does not read, or of everything it reads. */
export function unusable(gate: Gate, absent: readonly AbsentTopic[]): Reason[] {
  const next = 'Correct `not_applicable` in the config on the base branch.'
  const unknown = absent.filter(({ topic }) => !gate.reads.includes(topic))
  if (unknown.length > 0)
    return unknown.map(({ topic }) => ({
      code: 'gate.policy-invalid',
      message: `not_applicable.${gate.id}.${topic}: ${gate.id} asks for no such topic; it asks for ${gate.reads.join(', ') || 'none'}`,
      next,
    }))
  if (absent.length === 0 || asked(gate, absent).reads.length > 0) return []
  const message = `Every topic of ${gate.id} is declared not applicable; declare \`not_applicable.${gate.id}\` itself`
  return [{ code: 'gate.policy-invalid', message, next }]
}

/** Where an agent did find what is declared absent. */
export function contradicted(gate: Gate, absent: readonly AbsentTopic[], testimonies: readonly Testimony[]): Reason[] {
  return testimonies.flatMap((testimony) => {
    const declared = absent.find(({ topic }) => topic === testimony.topic)
    const n = opinionOf(testimony, gate.id)?.measured?.n ?? 0
    if (declared === undefined || n === 0) return []
    const { by, commit, reason, topic } = declared
    const message = `${by} declared at ${commit} that there are no ${topic} (${reason}); ${testimony.predicate.agent.name} looked at ${n}`
    const next = `Take not_applicable.${gate.id}.${topic} out of the config on the base branch.`
    return [{ code: 'gate.declaration-contradicted', message: message.slice(0, 1900), next }]
  })
}

/** For the verdict: which topics were not asked for, by whose leave. */
export function notAsked(absent: readonly AbsentTopic[]): Reason[] {
  return absent.map(({ topic, reason, by, commit }) => ({
    code: 'gate.declared-not-applicable',
    message: `${topic} not applicable: ${reason}, declared by ${by} at ${commit}`.slice(0, 2000),
    next: 'Nothing to do; take the declaration out of the config when it stops being true.',
  }))
}
