/**
 * The sample adopter's repository as real Git history: v1.0.0 on `main`, tagged, and `release/v2.0.0` some commits ahead of it.
 * The same options give the same commits, byte for byte.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseDocument, type Document } from 'yaml'
import { artifactEvidence, BUILDER_KEY, scanRecord } from './supply-chain.ts'

const run = promisify(execFile)
const V1 = join(import.meta.dirname, 'v1')
const V2 = join(import.meta.dirname, 'v2')
const MAINTAINERS = { name: 'Shop maintainers', email: 'maintainers@shop.example' }
const UNPINNED = '0'.repeat(40)
const CONFIG = '.github/release-conductor.yml'
const EVIDENCE = 'supply-chain'
const SCANNED_AT = Date.UTC(2026, 8, 1)

/** The config that watches a service at this address instead of the shop's own, for as long as a test can wait. @param files of `slos` */
export function watching(config: Document, url: string, files: readonly string[] = ['slo/*.yaml']): void {
  config.setIn(['conduct', 'hosts'], config.createNode([new URL(url).host]))
  config.setIn(['slos'], config.createNode(files))
  config.setIn(['gates', 'slo', 'metrics'], config.createNode({ kind: 'openmetrics', urls: [url], for: '5s' }))
}

/** The config that probes stage at this address and puts it under load, for as long as a test can wait; null: there is no stage, and the config says why. */
export function loading(config: Document, url: string | null, reason = 'this story has no stage'): void {
  if (url === null) {
    for (const key of ['perf', 'slo.probes']) config.setIn(['not_applicable', key], config.createNode({ reason, by: '@acme/sre' }))
    return
  }
  config.addIn(['conduct', 'hosts'], new URL(url).host)
  const quick = {
    target: url,
    for: '2s',
    warm_up: '300ms',
    spike: { times: 2, for: '1s' },
    min_requests: 80,
    users: [1, 2, 4, 8],
    step: '600ms',
    limits: { p95: '500ms', p99: '2s', errors: 0.02 },
  }
  for (const [key, value] of Object.entries(quick)) config.setIn(['gates', 'perf', key], config.createNode(value))
  config.setIn(['gates', 'slo', 'probes', 'target'], url)
}

/** What else v2 can have wrong with it; each is one constant of src/faults.mjs, and one commit. */
export const BAD = {
  /** Every answer takes a quarter longer. */
  slow: { constant: 'SLOWER_BY', value: '0.25', message: 'feat: note what customers look at before they are answered' },
  /** More than a hundred answers a second fail: nothing at a small share of the traffic. */
  load: { constant: 'MOST_A_SECOND', value: '100', message: 'perf: keep fewer connections open' },
  /** In the second replica every second answer fails. */
  replica: { constant: 'BAD_REPLICA', value: '2', message: 'feat: let replicas share what they know' },
  /** Each answer keeps a little memory; after so many there is none left. */
  leak: { constant: 'LASTS_FOR', value: '12_000', message: 'feat: remember who was here' },
} as const
export type Bad = keyof typeof BAD

export interface HistoryOptions {
  /** Empty or absent folder that becomes the work tree. */
  readonly dir: string
  /** Public key of the demo's signer, PEM; goes into `trust.keys` as `demo`. */
  readonly trustKeyPem: string
  /** Commit of our own repository that the adopter's workflows pin. */
  readonly conductorSha: string
  /** Share of v2's answers that fail, 0 to 1. 0 builds the good v2. */
  readonly errors: number
  /** Default: nothing. */
  readonly bad?: Bad
  /** When the two sample scans were made, epoch milliseconds; default: with the commits. A scan grows too old to count within days. */
  readonly scannedAt?: number
  /** `owner/name` the release was built in; default: acme/shop. */
  readonly repository?: string
  /** Last changes to the config before it is committed. */
  readonly configure?: (config: Document) => void
  /** Changes to files of v1 and of v2, beside what they have. */
  readonly edits?: { readonly v1: Edits; readonly v2: Edits }
}

/** Path -> what it says from then on; null: it was not there. */
export type Edits = Readonly<Record<string, (before: string | null) => string>>

export interface History {
  readonly workDir: string
  readonly gitDir: string
  /** Commit of `main`. */
  readonly main: string
  readonly release: { readonly branch: string; readonly sha: string; readonly version: string }
  /** Tag -> commit. */
  readonly tags: Readonly<Record<string, string>>
}

interface Step {
  readonly message: string
  /** Folder the paths are taken from. */
  readonly from: string
  readonly paths: readonly string[]
}

const FIRST: readonly Step[] = [
  {
    message: 'feat: list products and take orders',
    from: V1,
    paths: ['.gitignore', 'README.md', 'package.json', 'package-lock.json', 'src', 'db', 'test'],
  },
  { message: 'ci: test every change', from: V1, paths: ['.github/workflows/ci.yml', '.github/CODEOWNERS'] },
  { message: 'build: ship a pinned image that does not run as root', from: V1, paths: ['Dockerfile', '.dockerignore', 'templates', 'deploy'] },
  { message: 'docs: say how the shop is run and released', from: V1, paths: ['docs', 'CHANGELOG.md', '.github/pull_request_template.md'] },
  { message: 'ci: say what everything that runs must keep to', from: V1, paths: ['policy', 'policy.tar.gz'] },
  {
    message: 'ci: let release conductor guard releases',
    from: V1,
    paths: ['.github/workflows/release-conductor.yml', '.github/workflows/deploy.yml', CONFIG, EVIDENCE, 'slo', 'api', 'dashboards'],
  },
]
const FEATURE: Step = {
  message: 'feat: recommend products on the home page',
  from: V2,
  paths: ['src/pages.mjs', 'src/store.mjs', 'db', 'test'],
}
const FAULT = 'perf: answer sooner when recommendations are being read'
const RAISE: Step = { message: 'chore: prepare v2.0.0', from: V2, paths: ['package.json', 'package-lock.json', 'CHANGELOG.md'] }

interface Work {
  git(...args: string[]): Promise<string>
  /** SHA-256 of the archive of a commit. */
  archive(commit: string): Promise<string>
  put(path: string, text: string): Promise<void>
  text(path: string): Promise<string>
  take(step: Step): Promise<void>
  commit(message: string): Promise<string>
}

/** @param day that was the last one of the history before */
function work(dir: string, day = 0): Work {
  let date = ''
  async function git(...args: string[]): Promise<string> {
    const env = {
      PATH: process.env.PATH ?? '',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: MAINTAINERS.name,
      GIT_AUTHOR_EMAIL: MAINTAINERS.email,
      GIT_COMMITTER_NAME: MAINTAINERS.name,
      GIT_COMMITTER_EMAIL: MAINTAINERS.email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    }
    const { stdout } = await run('git', ['-C', dir, ...args], { env })
    return stdout.trim()
  }
  return {
    git,
    async archive(commit) {
      const { stdout } = await run('git', ['-C', dir, 'archive', '--format=tar', commit], { encoding: 'buffer', maxBuffer: 1e8 })
      return createHash('sha256').update(stdout).digest('hex')
    },
    async put(path, text) {
      await mkdir(dirname(join(dir, path)), { recursive: true })
      await writeFile(join(dir, path), text)
    },
    text: (path) => readFile(join(dir, path), 'utf8'),
    async take({ from, paths }) {
      for (const path of paths) await cp(join(from, path), join(dir, path), { recursive: true })
    },
    async commit(message) {
      day += 1
      date = new Date(Date.UTC(2026, 8, day, 9)).toISOString()
      await git('add', '--all')
      await git('commit', '--quiet', '--message', message)
      return git('rev-parse', 'HEAD')
    },
  }
}

async function pin(work: Work, dir: string, options: HistoryOptions): Promise<void> {
  const workflows = '.github/workflows'
  for (const name of await readdir(join(dir, workflows))) {
    const path = `${workflows}/${name}`
    await work.put(path, (await work.text(path)).replaceAll(UNPINNED, options.conductorSha))
  }
  const config = parseDocument(await work.text(CONFIG))
  for (const index of [0, 1]) config.setIn(['trust', 'workflows', index, 'digest'], options.conductorSha)
  config.setIn(['trust', 'keys'], config.createNode([{ id: 'demo', public_key: options.trustKeyPem }]))
  config.setIn(['gates', 'supply_chain', 'artifacts', 0, 'signed_by', 'public_key'], BUILDER_KEY)
  const halfAYear = new Date((options.scannedAt ?? SCANNED_AT) + 180 * 86_400_000).toISOString().slice(0, 10)
  config.setIn(['gates', 'policy_ci', 'exceptions', 0, 'until'], halfAYear)
  options.configure?.(config)
  await work.put(CONFIG, config.toString({ lineWidth: 0, flowCollectionPadding: false }))
}

async function edit(work: Work, edits: Edits): Promise<void> {
  for (const [path, change] of Object.entries(edits)) await work.put(path, change(await work.text(path).catch(() => null)))
}

async function scan(work: Work, at: number): Promise<void> {
  const [lock, report] = [await work.text('package-lock.json'), await work.text(`${EVIDENCE}/osv.json`)]
  await work.put(`${EVIDENCE}/scan.json`, scanRecord(lock, report, at))
}

async function fault(repository: Work, constant: string, value: string, message: string): Promise<void> {
  const path = 'src/faults.mjs'
  const healthy = await repository.text(path)
  await repository.put(path, healthy.replace(`export const ${constant} = 0\n`, `export const ${constant} = ${value}\n`))
  await repository.commit(message)
}

/** @throws RangeError when `errors` is no share or `conductorSha` no commit; the git command's own error otherwise */
export async function buildHistory(options: HistoryOptions): Promise<History> {
  const { dir, errors, bad, conductorSha, scannedAt = SCANNED_AT, repository: name = 'acme/shop', edits } = options
  if (!(errors >= 0 && errors <= 1)) throw new RangeError(`errors is a share from 0 to 1, not ${errors}`)
  if (!/^[0-9a-f]{40}$/.test(conductorSha)) throw new RangeError(`conductorSha is a commit of 40 hex digits, not ${conductorSha}`)
  await mkdir(dir, { recursive: true })
  const repository = work(dir)
  await repository.git('init', '--quiet', '--initial-branch=main')

  let main = ''
  for (const step of FIRST) {
    await repository.take(step)
    if (step.paths.includes(CONFIG)) {
      await edit(repository, edits?.v1 ?? {})
      await pin(repository, dir, options)
      await scan(repository, scannedAt)
    }
    main = await repository.commit(step.message)
  }
  await repository.git('tag', '--annotate', 'v1.0.0', '--message', 'v1.0.0')

  const branch = 'release/v2.0.0'
  await repository.git('checkout', '--quiet', '-b', branch)
  await repository.take(FEATURE)
  await repository.commit(FEATURE.message)
  if (errors > 0) await fault(repository, 'ERROR_RATE', String(errors), FAULT)
  if (bad !== undefined) await fault(repository, BAD[bad].constant, BAD[bad].value, BAD[bad].message)
  await edit(repository, edits?.v2 ?? {})
  await repository.take(RAISE)
  const sha = await prepared(repository, RAISE.message, { branch, version: 'v2.0.0', scannedAt, name })
  await repository.git('checkout', '--quiet', 'main')
  return { workDir: dir, gitDir: join(dir, '.git'), main, release: { branch, sha, version: 'v2.0.0' }, tags: { 'v1.0.0': main } }
}

interface Prepared {
  readonly branch: string
  readonly version: string
  readonly scannedAt: number
  readonly name: string
}

/** The last two commits of a release: what is built, and what was found of it. */
async function prepared(repository: Work, message: string, { branch, version, scannedAt, name }: Prepared): Promise<string> {
  const built = await repository.commit(message)
  await scan(repository, scannedAt)
  for (const [path, text] of artifactEvidence(await repository.archive(built), built, name, branch)) await repository.put(`${EVIDENCE}/${path}`, text)
  return await repository.commit(`chore: add what was scanned and built for ${version}`)
}

/** v2.1.0, on top of v2.0.0. @param edits what it changes */
export async function nextRelease(
  { workDir, release }: History,
  edits: Edits,
  { scannedAt = SCANNED_AT, repository: name = 'acme/shop' }: Pick<HistoryOptions, 'scannedAt' | 'repository'> = {},
): Promise<History['release']> {
  const [repository, version, branch] = [work(workDir, 20), 'v2.1.0', 'release/v2.1.0']
  await repository.git('checkout', '--quiet', '-b', branch, release.sha)
  await edit(repository, {
    ...edits,
    'package.json': (text) => (text ?? '').replace('"version": "2.0.0"', '"version": "2.1.0"'),
    'package-lock.json': (text) => (text ?? '').replaceAll(/("name": "shop",\s+"version": )"2\.0\.0"/g, '$1"2.1.0"'),
    'CHANGELOG.md': (text) => (text ?? '').replace('## v2.0.0', '## v2.1.0\n\n- Orders are listed faster.\n\n## v2.0.0'),
  })
  const sha = await prepared(repository, 'feat: list orders faster', { branch, version, scannedAt, name })
  await repository.git('checkout', '--quiet', 'main')
  return { branch, sha, version }
}

const SECTIONS: Readonly<Record<string, string>> = {
  Impact: 'Customers see recommended products first. Nothing else changes for them.',
  'Gates affected': 'Migrations: one added column with a constant default, no rewrite. Hardening: the image is the same but for the source.',
  'Canary plan': '10, 50 and 100 % of the traffic, with the bake times of the config. Errors by version are watched.',
  Rollback: 'At any time: v1.0.0 runs on the new schema, which only adds a column.',
  Runbooks: '[docs/operations.md](docs/operations.md)',
  'Evidence paths': '`artifacts/release/v2.0.0/`',
  'Risk and owner': 'Low: a page reads one more column. @acme/shop answers.',
}

/** The adopter's own template, each section filled. @param leaveOut sections to keep as the template has them */
export async function pullRequestBody(leaveOut: readonly string[] = []): Promise<string> {
  const template = await readFile(join(V1, '.github/pull_request_template.md'), 'utf8')
  return template.replaceAll(/^## (.+)\n\n<!--.*-->$/gm, (section: string, name: string) => {
    const text = SECTIONS[name]
    return text === undefined || leaveOut.includes(name) ? section : `## ${name}\n\n${text}`
  })
}
