/**
 * Is there a way back over the database schema: can the version before run what is live? Only what is known says no: a range or a live version that
 * nobody told forbids no rollback. Pure.
 */
import type { LiveSchema, SchemaRange } from '../../evidence/model/schema-range.ts'
import type { Draft } from '../release/draft.ts'
import type { FullFacts } from '../release/facts.ts'
import type { Schema } from '../release/before.ts'
import type { Rollout } from '../release/state.ts'

export interface Told extends LiveSchema {
  /** When the job said so, epoch milliseconds. */
  readonly at: number
}

export function sayRange({ min, max }: SchemaRange): string {
  return min === max ? String(min) : `${min}..${max}`
}

/** As the plan names it; null: no file is in the config. */
export function schemaRangeOf(schema: Schema | undefined): string | null {
  if (schema === undefined) return null
  return `${sayRange(schema.runs)}, before ${schema.before === null ? 'unknown' : sayRange(schema.before)}`
}

/** Why the version before cannot run what is live; null: nobody knows that it cannot. */
export function outside({ live, before, version }: Schema): string | null {
  if (live === null || before === null || within(live, before)) return null
  return `the live schema is ${live}, and ${version ?? 'the version before'} runs ${sayRange(before)}`
}

/** Why the new version cannot run what is live; null: nobody knows that it cannot. @param deployed its migrations ran; before that only a schema that is too new is wrong */
export function unrunnable({ live, runs }: Schema, deployed: boolean): string | null {
  if (live === null || within(live, runs) || (!deployed && live < runs.min)) return null
  return `the live schema is ${live}, and this version runs ${sayRange(runs)}`
}

/** Why this release takes a way back that is there now; null: nobody knows that it does. */
export function takenAway(schema: Schema): string | null {
  const { runs, before, live, becomes, version } = schema
  if (before === null || outside(schema) !== null) return null
  const old = version ?? 'the version before'
  if (becomes !== null && !within(becomes, before)) return `the schema becomes ${becomes}, and ${old} runs ${sayRange(before)}`
  const both = shared(schema)
  if (both !== null) return null
  const now = live === null ? '' : ` (it is ${live})`
  return `this version runs schema ${sayRange(runs)} and ${old} ${sayRange(before)}, so no schema lets both run${now}`
}

/** Schema versions from the live one on that both can run. */
function shared({ runs, before, live }: Schema): SchemaRange | null {
  if (before === null) return null
  const [min, max] = [Math.max(runs.min, before.min, live ?? 0), Math.min(runs.max, before.max)]
  return min <= max ? { min, max } : null
}

/** For people: whether this version can be taken back, and until when. */
export function sayWayBack(schema: Schema): string {
  const accepted = schema.accepted === null ? '' : ` Accepted: ${schema.accepted}.`
  const gone = outside(schema)
  if (gone !== null) return `There is no way back: ${gone}.${accepted}`
  const taken = takenAway(schema)
  if (taken !== null) return `There will be no way back: ${taken}.${accepted}`
  const both = shared(schema)
  if (both === null) return `Whether the version before can run the schema is not known: ${schema.unknown}. A rollback is not refused for that.`
  return `There is a way back while the schema is ${sayRange(both)}; ${schema.live === null ? 'nobody has said which it is' : `it is ${schema.live}`}.`
}

/** What can be done when there is no way back. */
export function rollForward({ before }: Schema, head: string): string[] {
  return [
    `Roll forward: fix it on a new release branch from ${head.slice(0, 12)}, with a version that runs the live schema, and promote that; the environment is free for it.`,
    ...(before === null
      ? []
      : [
          `Or make a way back: bring the schema to ${sayRange(before)}, then run the last deploy run again, so that it says so. What is to be taken back then goes by itself.`,
        ]),
  ]
}

/** Takes in what was said of the live schema since: by this rollout's own runs, and by those of other releases. */
export function hearSchema(draft: Draft, full: FullFacts): void {
  const { rollout } = draft.data
  if (rollout?.schema === undefined) return
  const told = [full.live[rollout.environment], toldBy(draft, full, rollout)].flatMap((one) => one ?? [])
  for (const one of told.filter(({ at }) => at > (rollout.schema?.toldAt ?? 0)).toSorted((a, b) => a.at - b.at)) hear(draft, rollout, one)
}

function hear(draft: Draft, rollout: Rollout, { live, becomes, at }: Told): void {
  if (rollout.schema === undefined) return
  if (live !== rollout.schema.live) draft.note('schema', { environment: rollout.environment, live, was: rollout.schema.live })
  rollout.schema = { ...rollout.schema, live, becomes: becomes ?? null, toldAt: at }
}

/** The newest word of the jobs that deployed this very version there. */
function toldBy(draft: Draft, { evidence }: FullFacts, { environment }: Rollout): Told | null {
  let newest: Told | null = null
  for (const { evidence: row } of evidence) {
    if (row.kind !== 'rollout-event' || row.predicate.schema === undefined) continue
    const { schema, made_at, sha, version, environment: where } = row.predicate
    const at = Date.parse(made_at)
    if (where === environment && sha === draft.head && version === draft.before.version && at > (newest?.at ?? 0)) newest = { ...schema, at }
  }
  return newest
}

export function within(version: number, { min, max }: SchemaRange): boolean {
  return version >= min && version <= max
}
