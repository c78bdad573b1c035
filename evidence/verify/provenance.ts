/**
 * Is this the build we expect? A right signature over provenance says only who wrote it. What it says is held here against the pinned build type, builder,
 * repository and commits, against the parameters that were expected (any other fails, as SLSA's verification asks), and against the certificate of the job
 * that signed it. Pure. https://slsa.dev/spec/v1.1/verifying-artifacts
 */
import type { ProvenancePredicate } from '../model/predicate/provenance.ts'

/** What the certificate of the signing job says; a `Job` is one. */
export interface Certified {
  readonly signerUri: string
  readonly sourceUri: string
  readonly sourceDigest: string
  readonly sourceRef: string
  readonly configUri: string
  readonly runUri: string
}

export interface ExpectedBuild {
  readonly buildType: string
  /** Exact `builder.id`; absent: any, because the signer is pinned. */
  readonly builder?: string
  /** `owner/name` on github.com that it was built from. */
  readonly repository: string
  /** Commits it may have been built from. */
  readonly commits: readonly string[]
  /** Every external parameter it may have, beyond those the build type itself prescribes, with its value. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>
  /** Null when a key signed it. */
  readonly certified: Certified | null
}

export type ProvenanceFault = 'other-build-type' | 'other-builder' | 'other-repository' | 'other-commit' | 'unknown-parameter' | 'contradiction'

export interface ProvenanceProblem {
  readonly fault: ProvenanceFault
  readonly message: string
}

const GITHUB = 'https://github.com/'
/** Build types whose external parameter `workflow` names repository, ref and path. */
const WORKFLOW_TYPES: readonly string[] = [
  'https://actions.github.io/buildtypes/workflow/v1',
  'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
]

/** Everything in which the provenance is not the expected one; empty when it is. */
export function provenanceProblems(predicate: ProvenancePredicate, expected: ExpectedBuild): ProvenanceProblem[] {
  const { buildDefinition, runDetails } = predicate
  const problems: ProvenanceProblem[] = []
  const say = (fault: ProvenanceFault, message: string): void => void problems.push({ fault, message: message.slice(0, 600) })
  if (buildDefinition.buildType !== expected.buildType) say('other-build-type', `built as ${buildDefinition.buildType}, not as ${expected.buildType}`)
  if (expected.builder !== undefined && runDetails.builder.id !== expected.builder)
    say('other-builder', `built by ${runDetails.builder.id}, not by ${expected.builder}`)
  const workflow = WORKFLOW_TYPES.includes(buildDefinition.buildType) ? workflowOf(buildDefinition.externalParameters) : null
  for (const [name, value] of Object.entries(buildDefinition.externalParameters)) {
    if (workflow !== null && name === 'workflow') continue
    if (!Object.hasOwn(expected.parameters, name)) say('unknown-parameter', `built with the parameter ${name.slice(0, 100)}, which nobody expects`)
    else if (expected.parameters[name] !== value)
      say('unknown-parameter', `built with ${name} ${said(value)}, not with ${said(expected.parameters[name])}`)
  }
  const home = `${GITHUB}${expected.repository}`
  if (workflow !== null && workflow.repository?.toLowerCase() !== home.toLowerCase())
    say('other-repository', `the workflow is of ${workflow.repository ?? 'no repository'}, not of ${home}`)
  problems.push(...sourceProblems(predicate, expected), ...contradictions(predicate, expected.certified, workflow))
  return problems
}

interface Workflow {
  readonly repository: string | undefined
  readonly ref: string | undefined
  readonly path: string | undefined
}

function workflowOf(parameters: Readonly<Record<string, unknown>>): Workflow {
  const value = Object.hasOwn(parameters, 'workflow') ? parameters['workflow'] : null
  const text = (key: string): string | undefined => {
    const found: unknown =
      typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
    return typeof found === 'string' ? found : undefined
  }
  return { repository: text('repository'), ref: text('ref'), path: text('path') }
}

interface Source {
  readonly repository: string
  readonly commit: string | undefined
}

/** Git repositories among the resolved dependencies, each with the commit. */
function sourcesOf({ buildDefinition }: ProvenancePredicate): Source[] {
  return (buildDefinition.resolvedDependencies ?? []).flatMap(({ uri, digest }) => {
    const repository = /^git\+https:\/\/github\.com\/([^/@#?]+\/[^/@#?]+?)(?:\.git)?(?:@|#|$)/.exec(uri ?? '')?.[1]
    return repository === undefined ? [] : [{ repository, commit: digest?.['gitCommit'] ?? digest?.['sha1'] }]
  })
}

function sourceProblems(predicate: ProvenancePredicate, expected: ExpectedBuild): ProvenanceProblem[] {
  const sources = sourcesOf(predicate)
  const own = sources.filter((source) => source.repository.toLowerCase() === expected.repository.toLowerCase())
  if (own.length === 0) {
    const others = sources.map((source) => source.repository).join(', ') || 'no repository'
    return [{ fault: 'other-repository', message: `built from ${others}, not from ${expected.repository}`.slice(0, 600) }]
  }
  return own
    .filter((source) => source.commit === undefined || !expected.commits.includes(source.commit))
    .map((source) => ({
      fault: 'other-commit',
      message: `built from commit ${source.commit ?? 'unknown'}, not from ${expected.commits.slice(0, 3).join(' or ')}`.slice(0, 600),
    }))
}

/** Where what the builder wrote differs from what the certificate of the same job says. */
function contradictions(predicate: ProvenancePredicate, certified: Certified | null, workflow: Workflow | null): ProvenanceProblem[] {
  if (certified === null) return []
  const { runDetails } = predicate
  const sources = sourcesOf(predicate).filter((source) => `${GITHUB}${source.repository}`.toLowerCase() === certified.sourceUri.toLowerCase())
  const pairs: readonly (readonly [string, string | undefined, string])[] = [
    ['builder', runDetails.builder.id, certified.signerUri],
    ...(workflow === null
      ? []
      : ([
          ['repository', workflow.repository, certified.sourceUri],
          ['ref', workflow.ref, certified.sourceRef],
          ['workflow', `${workflow.repository ?? ''}/${workflow.path ?? ''}`, certified.configUri.split('@')[0] ?? ''],
        ] as const)),
    ['commit', sources[0]?.commit, certified.sourceDigest],
    ...(runDetails.metadata?.invocationId === undefined ? [] : ([['run', runDetails.metadata.invocationId, certified.runUri]] as const)),
  ]
  return pairs
    .filter(([, stated, certain]) => stated !== certain)
    .map(([what, stated, certain]) => ({
      fault: 'contradiction',
      message: `the provenance says that its ${what} is ${stated ?? 'unknown'}, the certificate says ${certain}`.slice(0, 600),
    }))
}

function said(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value).slice(0, 100)
}
