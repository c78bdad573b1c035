/** A repository in a bare git directory, and a run request whose double is a few maps: for tests of the runner and of our workflows alone. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { writeZip } from '../../zip.ts'
import type { JobPermissions, JobUpdate, OidcClaims, RunRequest, StoredArtifact } from '../runner.ts'
import { git } from './git.ts'

export interface FixtureRepository {
  readonly gitDir: string
  /** Commit of each version, oldest first; the last one is the head of `main`. */
  readonly commits: readonly string[]
  readonly head: string
}

const PEOPLE = ['-c', 'user.name=Fixture', '-c', 'user.email=fixture@example.com', '-c', 'commit.gpgsign=false']

/** One commit for each map of files, on `main`. */
export async function fixtureRepository(...versions: readonly Readonly<Record<string, string>>[]): Promise<FixtureRepository> {
  const root = await mkdtemp(join(tmpdir(), 'fixture-'))
  const [work, gitDir] = [join(root, 'work'), join(root, 'bare.git')]
  await git(['init', '--quiet', '--initial-branch=main', work])
  const commits: string[] = []
  for (const [index, files] of versions.entries()) {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(work, path)), { recursive: true })
      await writeFile(join(work, path), text)
    }
    await git(['-C', work, 'add', '--all'])
    await git(['-C', work, ...PEOPLE, 'commit', '--quiet', '--allow-empty', '-m', `feat: version ${index + 1}`])
    commits.push((await git(['-C', work, 'rev-parse', 'HEAD'])).trim())
  }
  await git(['clone', '--quiet', '--bare', work, gitDir])
  return { gitDir, commits, head: commits.at(-1) ?? '' }
}

export interface FakeRun {
  readonly request: RunRequest
  readonly jobs: ReadonlyMap<string, JobUpdate>
  /** By name. */
  readonly artifacts: ReadonlyMap<string, Uint8Array>
  readonly minted: readonly JobPermissions[]
  readonly claims: readonly OidcClaims[]
  /** Changes the stored bytes of an artifact, as an attacker with write access would. */
  tamper(name: string, bytes: Uint8Array): void
}

/** A run of `acme/shop` at the head of a fixture repository. */
export function fakeRun(repository: FixtureRepository, overrides: Partial<RunRequest> = {}): FakeRun {
  const jobs = new Map<string, JobUpdate>()
  const stored: (StoredArtifact & { name: string; zip: Uint8Array })[] = []
  const minted: JobPermissions[] = []
  const claims: OidcClaims[] = []
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const artifacts = new Map<string, Uint8Array>()
  const base: RunRequest = {
    runId: 77,
    attempt: 1,
    repository: { owner: 'acme', name: 'shop', id: 4242, ownerId: 42, defaultBranch: 'main', gitDir: repository.gitDir },
    gitDirOf: () => null,
    workflowPath: '.github/workflows/ci.yml',
    sha: repository.head,
    ref: 'refs/heads/main',
    event: { name: 'workflow_dispatch', payload: { inputs: {} } },
    inputs: {},
    actor: { login: 'conductor[bot]', id: 9 },
    secrets: {},
    variables: {},
    serverUrl: 'http://127.0.0.1:1',
    apiUrl: 'http://127.0.0.1:1/api',
    mintToken: (permissions) => {
      minted.push(permissions)
      return `token-of-job-${minted.length}`
    },
    oidcToken: (audience, of) => {
      claims.push(of)
      const body = {
        aud: audience,
        sub: `repo:acme/shop:ref:${request.ref}`,
        repository: 'acme/shop',
        repository_id: '4242',
        sha: request.sha,
        ref: request.ref,
        run_id: String(request.runId),
        run_attempt: String(request.attempt),
        event_name: request.event.name,
        ...of,
      }
      const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(body)}`
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
    },
    putArtifact: async (of) => {
      const zip = 'zip' in of ? of.zip : writeZip(await files(of.dir))
      const artifact = { id: 500 + stored.length, digest: `sha256:${createHash('sha256').update(zip).digest('hex')}`, size: zip.length }
      stored.push({ ...artifact, name: of.name, zip })
      artifacts.set(of.name, zip)
      return artifact
    },
    getArtifact: async (id) => stored.find((artifact) => artifact.id === id)?.zip ?? null,
    listArtifacts: () => stored.map(({ id, digest, size, name }) => ({ id, digest, size, name })),
    onJob: (update) => {
      jobs.set(update.name, update)
    },
    signal: new AbortController().signal,
  }
  const request: RunRequest = { ...base, ...overrides }
  return {
    request,
    jobs,
    artifacts,
    minted,
    claims,
    tamper(name, bytes) {
      const found = stored.find((artifact) => artifact.name === name)
      if (found !== undefined) found.zip = bytes
    },
  }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

async function files(folder: string): Promise<Map<string, Uint8Array>> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name))
  return new Map(await Promise.all(paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const)))
}
