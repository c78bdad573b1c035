/** Input `objectives`: the OpenSLO files of head and base, and what the metrics source of the base branch's config says of those of the base. */
import { parseConfig } from '../../evidence/config/parse.ts'
import { SloPolicy, type SloSource } from '../../evidence/model/config/slo.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { isListed } from '../../evidence/sbom/glob.ts'
import { sloPatterns } from '../../evidence/slo/files.ts'
import { registryOf, type Slo } from '../../evidence/slo/registry.ts'
import type { Blocked, CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { baseCommit, headCommit, tree } from './git.ts'
import type { ReadFile } from './inputs.supply-chain.ts'
import { objectivesAsked } from './metrics/objectives-asked.ts'
import { objectivesWatched } from './metrics/objectives-watched.ts'
import { collectPolicy } from './policy.ts'
import { readEntry } from './supply-chain-settings.ts'

const MOST_FILES = 100
const MOST_BYTES = 4 << 20
/** Each is asked about in every window. */
const MOST_SLOS = 100
const DECLARE = 'or say under `not_applicable.slo` of the config on the base branch why there is nothing to measure'

export async function collectObjectives(context: CollectContext): Promise<Collected<'objectives'>> {
  const policy = await collectPolicy(context)
  if ('blocked' in policy) return policy
  const parsed = parseConfig(policy.value.text, { slo: SloPolicy })
  if (!parsed.ok) {
    const [first] = parsed.errors
    return blocked(
      'gates.slo',
      first === undefined ? 'it cannot be used' : `line ${first.line}: ${first.key} ${first.message}`,
      'Run `release-conductor config check`.',
    )
  }
  const { conduct } = parsed.config
  const patterns = sloPatterns(parsed.config)
  const settings = SloPolicy.parse(parsed.config.gates.slo ?? {})
  if (patterns.length === 0)
    return blocked('SLO files', '`slos` of the config names none', `Name OpenSLO files, such as slos: ["slo/*.yaml"], ${DECLARE}.`)
  const { metrics: source } = settings
  if (source === undefined)
    return blocked('a metrics source', '`gates.slo.metrics` of the config names none', `Name a Prometheus, or the pages of the service, ${DECLARE}.`)
  const foreign = hostsOf(source).filter((host) => !conduct.hosts.includes(host))
  if (foreign.length > 0)
    return blocked(
      'leave to ask the metrics source',
      `\`conduct.hosts\` of the config does not list ${foreign.join(', ')}`,
      'List it there, on the base branch: jobs ask no other hosts.',
    )
  const base = await baseCommit(context.workspace, context.base)
  const head = await headCommit(context.workspace, context.sha)
  const [files, before] = [await sloFiles(context, head, patterns), await sloFiles(context, base, patterns)]
  if (before.length === 0)
    return blocked(
      'SLO files',
      `the base branch has none that is ${patterns.join(' or ')}`,
      'Merge them into the base branch: a release is held to what stood there before it.',
    )
  const { slos } = registryOf(before.flatMap(({ path, text }) => (text === null ? [] : [{ path, text }])))
  if (slos.length > MOST_SLOS)
    throw new CollectError('too-large', `there are ${slos.length} objectives; at most ${MOST_SLOS} are measured`, 'Name fewer files under `slos`.')
  return { value: { base, head, patterns: [...patterns], files, before, ...(await measured(slos, source, settings, context.now)) } }
}

async function measured(slos: readonly Slo[], source: SloSource, settings: SloPolicy, now: number) {
  const hosts = hostsOf(source)
  if (source.kind === 'prometheus') {
    const answers = await objectivesAsked(slos, source, settings.windows, now)
    return { at: timestamp(now), source: { kind: source.kind, hosts, watched_ms: null }, ...answers }
  }
  const { watchedMs, at, ...answers } = await objectivesWatched(slos, source, () => Date.now())
  return { at: timestamp(at), source: { kind: source.kind, hosts, watched_ms: watchedMs }, ...answers }
}

function blocked(what: string, why: string, next: string): { readonly blocked: Blocked } {
  return { blocked: { what, why: why.slice(0, 500), next } }
}

/** With the port where it is not the scheme's own. */
function hostsOf(source: SloSource): string[] {
  return [...new Set((source.kind === 'prometheus' ? [source.url] : source.urls).map((url) => new URL(url).host))]
}

async function sloFiles(context: CollectContext, commit: string, patterns: readonly string[]): Promise<ReadFile[]> {
  const entries = (await tree(context.workspace, commit)).filter(({ path }) => isListed(path, patterns))
  if (entries.length > MOST_FILES)
    throw new CollectError(
      'too-large',
      `${entries.length} files are ${patterns.join(' or ')}; at most ${MOST_FILES} are read`,
      'Name fewer files under `slos`.',
    )
  const allowance = { left: MOST_BYTES }
  const files: ReadFile[] = []
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) files.push(await readEntry(context, entry.path, entry, allowance))
  return files
}
