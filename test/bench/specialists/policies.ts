/** Rego about manifests, workflows and Dockerfiles: policy-gatekeeper's evaluation beside Conftest's. */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { policyGatekeeper } from '../../../agents/platform/policy-gatekeeper.ts'
import { collectPolicies } from '../../../agents/collect/policies.ts'
import { contextOf, release } from '../../agents/collect/workspace.ts'
import { ended } from '../../support/tools.ts'
import { compare, type Seen } from './compare.ts'
import { DEPLOYED, PROJECTS, type CorpusFile } from './corpus.ts'
import { recipes } from './dockerfiles.ts'
import { POLICIES } from './explained.policies.ts'
import { manifestFiles } from './manifests.ts'
import { programOf, type Part } from './part.ts'
import { DOCUMENT, PLANTED_POLICIES } from './policies.planted.ts'
import { REGO } from './policies.rego.ts'
import { workflows } from './workflows.ts'

const USELESS = 'a policy that holds nothing'
const CLASSES = ['deny and violation', 'warn', 'a rule that an exception switches off', 'a file that cannot be read', USELESS]
const CONFIG = JSON.stringify({
  version: 1,
  release: { base: ['main'] },
  gates: { policy_ci: { policies: { ask: [{ documents: ['kubernetes', 'workflows'] }, { package: 'docker', documents: ['dockerfiles'] }] } } },
})
const POLICY = Object.fromEntries(Object.entries(REGO).map(([name, text]) => [`policy/${name}`, text]))

export const conftest: Part = {
  topic: 'Policies in Rego',
  specialist: 'conftest',
  explained: POLICIES,
  async run(dir) {
    const [program, opa] = [programOf('conftest'), programOf('opa')]
    const files = [...(await manifestFiles()), ...(await workflows()), ...(await recipes())]
    const [ours, theirs]: [Seen[], Seen[]] = [[], []]
    for (const [index, project] of [...new Set([...DEPLOYED, ...PROJECTS])].entries()) {
      const of = files.filter((file) => file.project === project)
      ours.push(...(await evaluated(opa, project, of)))
      theirs.push(...(await tested(program, join(dir, String(index)), project, of)))
    }
    for (const [name, policy] of Object.entries(PLANTED_POLICIES)) {
      const file = `planted: ${name}`
      if (await refusedByUs(opa, policy)) ours.push({ class: USELESS, file })
      if (await refusedByThem(program, join(dir, name.replaceAll(' ', '-')), policy)) theirs.push({ class: USELESS, file })
    }
    const planted = Object.keys(PLANTED_POLICIES).length
    return {
      what: `${files.length} files, ${Object.keys(REGO).length - 1} packages of rules, and ${planted} policies with a planted fault or none`,
      compared: compare(CLASSES, ours, theirs),
    }
  },
}

function seen(rule: string, project: string, path: string, message: string): Seen {
  return { class: rule.startsWith('warn') ? 'warn' : 'deny and violation', file: `${project} ${path}: ${rule}: ${message}` }
}

/** A release of all files of a project, as the agent collects it. */
async function evaluated(program: string, project: string, files: readonly CorpusFile[]): Promise<Seen[]> {
  const texts = Object.fromEntries(files.map(({ path, text }) => [path, text]))
  using repository = release(texts, undefined, { '.github/release-conductor.yml': CONFIG, ...POLICY })
  const collected = await collectPolicies(contextOf({ workspace: repository.path, sha: repository.head }), () =>
    Promise.resolve({ program, version: '1' }),
  )
  if ('blocked' in collected) throw new Error(collected.blocked.why)
  const { documents, sets } = collected.value
  const [fault] = sets.flatMap(({ faults }) => faults)
  if (fault !== undefined) throw new Error(`the policy of the benchmark does not compile: ${fault.message}`)
  const unread = documents.filter(({ problem }) => problem !== null).map(({ path }) => ({ class: CLASSES[3] ?? '', file: `${project} ${path}` }))
  const answers = sets
    .filter(({ at }) => at === 'base')
    .flatMap((set) => set.answers)
    .flatMap(({ document, results, excepted, problem, more }): Seen[] => {
      const path = documents[document]?.path ?? ''
      if (problem !== null || more > 0) throw new Error(`${project} ${path} has no whole answer: ${problem ?? `${more} more`}`)
      return [
        ...results.map(({ rule, message }) => seen(rule, project, path, message)),
        ...excepted.map((rule) => ({ class: CLASSES[2] ?? '', file: `${project} ${path}: ${rule.replace(/^[a-z]+_/, '')}` })),
      ]
    })
  return [...unread, ...answers]
}

async function refusedByUs(program: string, policy: Readonly<Record<string, string>>): Promise<boolean> {
  const config = JSON.stringify({
    version: 1,
    release: { base: ['main'] },
    gates: { policy_ci: { policies: { ask: [{ documents: ['kubernetes'] }] } } },
  })
  const base = Object.fromEntries(Object.entries(policy).map(([name, text]) => [`policy/${name}`, text]))
  using repository = release({ 'shop.yaml': DOCUMENT }, undefined, { '.github/release-conductor.yml': config, ...base })
  const collected = await collectPolicies(contextOf({ workspace: repository.path, sha: repository.head }), () =>
    Promise.resolve({ program, version: '1' }),
  )
  if ('blocked' in collected) return true
  const { findings, measurements } = policyGatekeeper.assess(
    { policies: collected.value, policy: { base: collected.value.base, path: '.github/release-conductor.yml', text: config } },
    {},
  )
  return findings.some(({ severity }) => severity === 'error') || measurements.some(({ measured }) => measured.n === 0)
}

/** It tests the documents, and the policy by its own tests. */
async function refusedByThem(program: string, dir: string, policy: Readonly<Record<string, string>>): Promise<boolean> {
  await mkdir(join(dir, 'policy'), { recursive: true })
  for (const [name, text] of Object.entries(policy)) await writeFile(join(dir, 'policy', name), text)
  await writeFile(join(dir, 'shop.yaml'), DOCUMENT)
  const runs = [await ended(program, ['test', 'shop.yaml'], { cwd: dir }), await ended(program, ['verify'], { cwd: dir })]
  return runs.some(({ code }) => code !== 0)
}

interface Tested {
  readonly filename: string
  readonly failures?: readonly Result[]
  readonly warnings?: readonly Result[]
  readonly exceptions?: readonly Result[]
}
interface Result {
  readonly msg: string
  readonly metadata?: { readonly query?: string }
}

function isRecipe({ path }: CorpusFile): boolean {
  return !/\.ya?ml$/.test(path)
}

async function tested(program: string, dir: string, project: string, files: readonly CorpusFile[]): Promise<Seen[]> {
  for (const { path, text } of files) {
    await mkdir(join(dir, dirname(path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
  await mkdir(join(dir, 'policy'), { recursive: true })
  for (const [name, text] of Object.entries(POLICY)) await writeFile(join(dir, name), text)
  return [
    ...(await asked(
      program,
      dir,
      project,
      files.filter((file) => !isRecipe(file)),
      'main',
      'yaml',
    )),
    ...(await asked(program, dir, project, files.filter(isRecipe), 'docker', 'dockerfile')),
  ]
}

/** A file that it cannot read ends its run, which is then begun again without that one. */
async function asked(
  program: string,
  dir: string,
  project: string,
  files: readonly CorpusFile[],
  namespace: string,
  parser: string,
): Promise<Seen[]> {
  const unread: Seen[] = []
  for (let left = files; left.length > 0;) {
    const options = ['test', '--no-fail', '--output=json', `--namespace=${namespace}`, `--parser=${parser}`, '--data=policy/data.yaml']
    const { code, out, err } = await ended(program, [...options, ...left.map(({ path }) => path)], { cwd: dir })
    if (code === 0) return [...unread, ...(JSON.parse(out) as Tested[]).flatMap((one) => told(project, one))]
    const bad = left.find(({ path }) => err.trimEnd().endsWith(`path: ${path}`))
    if (bad === undefined) throw new Error(`conftest ended with ${code}: ${err.slice(0, 500)}`)
    unread.push({ class: CLASSES[3] ?? '', file: `${project} ${bad.path}` })
    left = left.filter((file) => file !== bad)
  }
  return unread
}

function told(project: string, { filename, failures, warnings, exceptions }: Tested): Seen[] {
  return [
    ...[...(failures ?? []), ...(warnings ?? [])].map(({ msg, metadata }) =>
      seen(basename((metadata?.query ?? '').replaceAll('.', '/')), project, filename, msg),
    ),
    ...(exceptions ?? []).map(({ msg }) => ({ class: CLASSES[2] ?? '', file: `${project} ${filename}: ${/"(.*)"/.exec(msg)?.[1] ?? msg}` })),
  ]
}
