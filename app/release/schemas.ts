/** Which schema versions the code can run, read from the file the config names, at the release's commit and at the one that serves now. */
import { CoreError } from '../../evidence/core/error.ts'
import { parseJson } from '../../evidence/core/json.ts'
import type { Config } from '../../evidence/model/config.ts'
import { SCHEMA_FILE_MAX_BYTES, SchemaFile, type SchemaRange } from '../../evidence/model/schema-range.ts'
import type { Told } from '../rollout/way-back.ts'
import type { FullFacts } from './facts.ts'
import type { Ports, ReleaseRecord, Repository } from './ports.ts'
import type { Schema } from './before.ts'
import { dataOf } from './state.ts'

/** @param names environments that are still to come */
export async function readSchemas(
  ports: Ports,
  of: { readonly repository: Repository; readonly head: string; readonly deployed: FullFacts['deployed']; readonly config: Config },
  names: readonly string[],
): Promise<FullFacts['schemas']> {
  const found: Record<string, FullFacts['schemas'][string]> = {}
  for (const name of names) {
    const file = of.config.environments[name]?.schema?.file
    if (file === undefined) continue
    const serving = of.deployed[name]
    const [runs, before] = await Promise.all([
      rangeAt(ports, of.repository, file, of.head),
      serving === undefined ? 'nothing says which version serves there' : rangeAt(ports, of.repository, file, serving.sha),
    ])
    found[name] = { runs, before, version: serving?.version ?? null }
  }
  return found
}

/** The range, or why there is none. What asking again may mend is thrown. */
async function rangeAt({ read }: Ports, repository: Repository, path: string, commit: string): Promise<SchemaRange | string> {
  const at = `${path} at ${commit.slice(0, 12)}`
  try {
    const file = await read.file(repository, path, commit, SCHEMA_FILE_MAX_BYTES)
    if (file === null) return `there is no ${at}`
    const parsed = SchemaFile.safeParse(parseJson(Buffer.from(file.text), { maxBytes: SCHEMA_FILE_MAX_BYTES, maxDepth: 4 }))
    return parsed.success ? parsed.data.runs : `${at} does not say it as {"runs": {"min": 41, "max": 42}}`
  } catch (error) {
    if (!(error instanceof CoreError) && !isLasting(error)) throw error
    return `${at} cannot be read: ${error instanceof Error ? error.message : ''}`.slice(0, 300)
  }
}

/** It stays so however often GitHub is asked. */
function isLasting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'too-large' || error.code === 'refused' || error.code === 'malformed')
}

/** What was said last of each environment's schema, by whichever release was deployed there. */
export function liveSchemas(releases: readonly ReleaseRecord[]): FullFacts['live'] {
  const live: Record<string, Told> = {}
  for (const release of releases) {
    const { ended, rollout } = dataOf(release)
    for (const { environment, schema } of rollout === null ? ended : [...ended, rollout]) {
      if (schema?.live == null || schema.toldAt <= (live[environment]?.at ?? 0)) continue
      live[environment] = { live: schema.live, ...(schema.becomes !== null && { becomes: schema.becomes }), at: schema.toldAt }
    }
  }
  return live
}

/** What a rollout to this environment would begin with, or why that cannot be said; undefined: the config names no file. */
export function schemaOf(full: Pick<FullFacts, 'schemas' | 'live'>, environment: string): Schema | string | undefined {
  const known = full.schemas[environment]
  if (known === undefined) return undefined
  const { runs, before, version } = known
  if (typeof runs === 'string') return runs
  const told = full.live[environment]
  const unread = typeof before === 'string'
  return {
    runs,
    before: unread ? null : before,
    version,
    unknown: unread ? before : '',
    live: told?.live ?? null,
    becomes: null,
    toldAt: told?.at ?? 0,
    accepted: null,
  }
}
