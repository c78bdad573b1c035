/** A database whose schema moves with the deployment, and the version before, of which only what it runs is of interest. */
import type { Change } from '../../app/release/ports.ts'
import { emptyData } from '../../app/release/state.ts'
import type { SchemaRange } from '../../evidence/model/schema-range.ts'
import { DIGESTS, rolloutOf } from '../support/release.ts'
import type { MemoryStore } from './memory-store.ts'
import { REPOSITORY } from './setting.ts'
import type { SchemaTruth } from './truth.ts'

const KEY = `${REPOSITORY.id}#1`
const STABLE = '8'.repeat(40)
export const STABLE_VERSION = 'v1.9.0'
const OLD = 41
const NEW = 42
const FILE = 'db/schema.json'

/** Migrates with the deployment for this percent. */
function migrating(step: number, over: Partial<SchemaTruth> = {}): SchemaTruth {
  return { before: { min: 40, max: OLD }, step, told: true, accepted: false, healsAt: Infinity, live: OLD, words: [], ...over }
}

/**
 * Of eight seeds one migrates at 50 % to what the version before cannot run, one does so at once and the config accepts it, one does what harms nobody,
 * or does not tell. Of those that accept it, every other brings the schema back in the end.
 */
export function schemaOfSeed(seed: number): SchemaTruth | null {
  switch (seed % 8) {
    case 3:
      return migrating(50)
    case 6:
      return migrating(10, { accepted: true, healsAt: seed % 16 === 6 ? 300_000 : Infinity })
    case 7:
      return seed % 16 === 7 ? migrating(10, { told: false }) : migrating(10, { before: { min: 40, max: NEW } })
    default:
      return null
  }
}

export function isOutside({ before }: SchemaTruth, live: number): boolean {
  return live < before.min || live > before.max
}

/** The config with a file that says what each version runs. */
export function configSchema(config: string, { accepted }: SchemaTruth): string {
  const forward = accepted ? ', rollback: { forward_only: the old table is gone }' : ''
  return config.replace('deadline: 90s', `deadline: 90s, schema: { file: ${FILE} }${forward}`)
}

/** That file. */
export function fileAt(schema: SchemaTruth | null, path: string, ref: string): string | null {
  if (schema === null || path !== FILE) return null
  const runs: SchemaRange = ref === STABLE ? schema.before : { min: OLD, max: NEW }
  return JSON.stringify({ runs })
}

/** The deployment has run: what the job says of the schema now. The version before migrates nothing. */
export function migrated(
  schema: SchemaTruth | null,
  { step, version }: Readonly<Record<string, string>>,
  now: number,
): { readonly live: number } | undefined {
  if (schema === null || version === STABLE_VERSION) return undefined
  if (Number(step) >= schema.step && now < schema.healsAt) schema.live = NEW
  if (!schema.told) return undefined
  schema.words.push({ step: Number(step), at: now, live: schema.live })
  return { live: schema.live }
}

export function healed(schema: SchemaTruth): void {
  schema.live = OLD
}

/** The release that everybody had before this one. */
export async function keepStable(store: MemoryStore): Promise<void> {
  const lease = await store.lease(`release/${KEY}`, 'stable', 0, 1_000)
  if (lease === null) throw new Error('nobody else looks at it')
  const rollout = rolloutOf({ stage: 'done', since: 1, digests: DIGESTS })
  const release: Change['release'] = {
    key: KEY,
    repository: REPOSITORY,
    pull: 1,
    version: STABLE_VERSION,
    head: STABLE,
    base: 'main',
    state: 'ga',
    traceId: '',
    revision: 1,
    dueAt: null,
    data: { ...emptyData(0), rollout, rollouts: 1 },
  }
  await store.commit({ release, expected: null, lease, intents: [], events: [], verdicts: [] })
}
