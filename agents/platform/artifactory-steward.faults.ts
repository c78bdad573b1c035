/** Planted faults of artifactory-steward: a release by digest in a registry and its mirror, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { RegistryRepository } from '../collect/inputs.registry.ts'

type Plant = PlantedInput<'registry' | 'policy'>

const [HERE, THERE] = ['registry.example/acme/shop', 'mirror.example/acme/shop']
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`
const OTHER = `sha256:${'fedcba9876543210'.repeat(4)}`
const DAY = 86_400_000

const at = (repository: string, digest: string | null = DIGEST) => ({ repository, digest, why: null })

const HEALTHY: RegistryRepository = {
  repository: HERE,
  retention_ms: 400 * DAY,
  reference: DIGEST,
  held: at(HERE),
  mirrors: [at(THERE)],
  tags: [{ tag: 'v1.0.0', recorded: DIGEST, now: [at(HERE), at(THERE)] }],
  referrers: [{ digest: OTHER, type: 'application/vnd.dev.sigstore.bundle.v0.3+json' }],
}

function given(change: Partial<RegistryRepository> = {}): Plant['inputs'] {
  return {
    registry: { head: 'b'.repeat(40), evidence_ms: 400 * DAY, repositories: [{ ...HEALTHY, ...change }] },
    policy: { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: 'version: 1\n' },
  }
}

function red(catches: string, rule: string, change: Partial<RegistryRepository>): Plant {
  return { catches, expected: 'red', inputs: given(change), rules: [`registry.${rule}`] }
}

function green(catches: string, change: Partial<RegistryRepository> = {}): Plant {
  return { catches, expected: 'green', inputs: given(change) }
}

export const planted: readonly Plant[] = [
  green('a moved tag'),
  red('a moved tag', 'moved-tag', { tags: [{ tag: 'v1.0.0', recorded: DIGEST, now: [at(HERE, OTHER), at(THERE)] }] }),
  red('a moved tag', 'moved-tag', { tags: [{ tag: 'v1.0.0', recorded: DIGEST, now: [at(HERE, null)] }] }),
  red('a mirror with another digest', 'mirror-differs', { tags: [{ tag: 'v1.0.0', recorded: DIGEST, now: [at(HERE), at(THERE, OTHER)] }] }),
  red('a mirror with another digest', 'mirror-lacks', { mirrors: [at(THERE, null)] }),
  green('a mirror with another digest', { mirrors: [] }),
  red('a release by tag only', 'by-tag', { reference: 'v2.0.0' }),
  red('a release by tag only', 'not-named', { reference: null, held: null, mirrors: [] }),
  red('a release by tag only', 'absent', { held: at(HERE, null), mirrors: [] }),
  green('a release by tag only', { tags: [], referrers: null }),
  red('retention under a year', 'short-retention', { retention_ms: 364 * DAY }),
  red('retention under a year', 'short-retention', { retention_ms: 399 * DAY }),
  green('retention under a year', { retention_ms: 400 * DAY }),
]
