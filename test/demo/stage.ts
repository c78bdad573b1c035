/** Everything the demo runs on, all of it real but GitHub itself: the adopter's repository, its hosting, a router, customers, and the App as its own process. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { buildActions } from '../../actions/build.ts'
import { generateKeyPair } from '../../evidence/sign/local-key.ts'
import { buildHistory, loading, watching, type Bad, type History } from '../shop/history.ts'
import { git } from '../support/github/actions/git.ts'
import { actionsRunner, type ActionsRunner } from '../support/github/actions/runner.ts'
import { startGitHub, type GitHub, type GitHubOptions } from '../support/github/index.ts'
import type { WorkflowRunner } from '../support/github/runner.ts'
import type { LoadReport } from '../support/load.ts'
import { Child, listening } from './child.ts'

const ROOT = join(import.meta.dirname, '../..')
const CLI = join(ROOT, 'app/cli/main.ts')

export interface StageOptions {
  readonly dir: string
  /** Share of v2's answers that fail. */
  readonly errors: number
  /** What else is wrong with v2. */
  readonly bad?: Bad
  /** Customers' requests a second. */
  readonly rate: number
  /** Change one byte of each signed response. */
  readonly tamper: boolean
  readonly databaseUrl?: string
  readonly say: (line: string) => void
}

export interface Stage {
  readonly github: GitHub
  readonly runner: ActionsRunner
  readonly history: History
  readonly app: Child
  readonly platformUrl: string
  readonly routerAdmin: string
  readonly publicKeys: { readonly job: string; readonly app: string }
  load(): LoadReport | null
  close(): Promise<void>
}

/** Bake times in seconds: long enough for the judge at this traffic, short enough to watch. */
const BAKE = { 10: '6s', 50: '4s', 100: '4s' }
/** A quarter more takes longer to exclude than the demo lasts; half as much again shows within seconds. */
const JUDGE = { certify: { latency: '1.5x' } }
const DEADLINE = { 10: '60s', 50: '60s', 100: '60s' }
/** A leak shows after minutes of little traffic, or after half a minute of all of it: somebody must look for so long. */
const LONG = { bake: { 10: '12s', 50: '15s', 100: '60s' }, deadline: { 10: '60s', 50: '60s', 100: '120s' } }
const REPLICAS = 3

export async function setTheStage(options: StageOptions): Promise<Stage> {
  const { dir, errors, bad, rate, say } = options
  const isGood = errors === 0 && bad === undefined
  const children: Child[] = []
  let github: GitHub | null = null
  const close = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.stop()))
    await github?.stop()
  }
  try {
    const child = (name: string, script: string, args: readonly string[], more: Partial<ConstructorParameters<typeof Child>[0]> = {}): Child => {
      const made = new Child({ name, script, args, logFile: join(dir, `${name}.log`), ...more })
      children.push(made)
      return made
    }
    say('starting the hosting platform with its PostgreSQL, and building our actions')
    await mkdir(join(dir, 'platform'))
    const platform = child('platform', join(ROOT, 'test/support/platform/main.ts'), [
      '--folder',
      join(dir, 'platform'),
      '--replicas',
      bad === 'replica' ? String(REPLICAS) : '1',
    ])
    const jobKeys = generateKeyPair()
    const appKeys = generateKeyPair()
    const [hosting, ours] = await Promise.all([platform.start(listening), ourRelease(dir)])
    const history = await buildHistory({
      dir: join(dir, 'shop'),
      trustKeyPem: jobKeys.publicKeyPem,
      conductorSha: ours.sha,
      errors,
      ...(bad !== undefined && { bad }),
      scannedAt: Date.now(),
      configure(config) {
        watching(config, `${hosting['stable']}/metrics`)
        // Stage would stop a version that fails under load; whoever asked for one wants to see it come back from its customers.
        loading(config, isGood ? (hosting['stage'] ?? null) : null, 'the bad version of this demo must reach its customers')
        const { bake, deadline } = bad === 'leak' ? LONG : { bake: BAKE, deadline: DEADLINE }
        config.setIn(['environments', 'prod', 'bake'], config.createNode(bake))
        config.setIn(['environments', 'prod', 'deadline'], config.createNode(deadline))
        config.setIn(['environments', 'prod', 'judge'], config.createNode(JUDGE))
      },
    })
    const platformUrl = hosting['url'] ?? ''
    await deploy(platformUrl, history, 'stable', history.main)
    if (isGood) await deploy(platformUrl, history, 'stage', history.release.sha)
    const runner = actionsRunner()
    github = await openGitHub({
      dir,
      runner: options.tamper ? tampering(runner) : runner,
      ours: ours.dir,
      shops: [{ name: 'shop', history, platformUrl }],
      signingKey: jobKeys.privateKeyPem,
    })
    const router = child('router', CLI, [
      'router',
      '--listen=127.0.0.1:0',
      '--admin=127.0.0.1:0',
      `--stable=${hosting['stable']}`,
      `--canary=${hosting['canary']}`,
      `--state=${join(dir, 'weight.json')}`,
    ])
    const routing = await router.start(listening)
    let report: LoadReport | null = null
    const load = child('load', join(ROOT, 'test/support/load.ts'), ['--url', routing['url'] ?? '', '--rate', String(rate), '--seconds', '600'], {
      onLine: (line) => {
        if (line.startsWith('{')) report = JSON.parse(line) as LoadReport
      },
    })
    await load.start((line) => (line.startsWith('{') ? true : null))
    say(`${rate} customers' requests a second reach v1.0.0`)
    const secret = randomBytes(32).toString('hex')
    const port = await freePort()
    const operator = await operatorFile({ dir, port, github, appKey: appKeys.privateKeyPem, routing, hosting })
    const app = child('app', CLI, ['serve', `--operator=${operator}`], {
      supervise: true,
      env: { WEBHOOK_SECRET: secret, ...(options.databaseUrl !== undefined && { DATABASE_URL: options.databaseUrl }) },
    })
    await app.start((line) => (line.includes('"The App listens."') ? true : null))
    github.setWebhook(`http://127.0.0.1:${port}/api/github/webhooks`, secret)
    say(`the App listens (process ${app.pid}; it is started again when it is killed)`)
    say(`watch the release in a browser: http://127.0.0.1:${port}/`)
    return {
      github,
      runner,
      history,
      app,
      platformUrl,
      routerAdmin: routing['admin'] ?? '',
      publicKeys: { job: jobKeys.publicKeyPem, app: appKeys.publicKeyPem },
      load: () => report,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Whoever carries the signed artifacts changes a byte in the middle of the first bundle. */
function tampering(runner: WorkflowRunner): WorkflowRunner {
  return {
    run: (of) =>
      runner.run({
        ...of,
        async putArtifact(artifact) {
          if (!artifact.name.startsWith('rc-P') || !('dir' in artifact)) return await of.putArtifact(artifact)
          const folder = join(artifact.dir, 'attestations')
          const [first] = (await readdir(folder)).toSorted()
          const path = join(folder, first ?? '')
          const bytes = await readFile(path)
          const at = bytes.indexOf('"payload":"') + 200
          bytes[at] = bytes[at] === 65 ? 66 : 65
          await writeFile(path, bytes)
          return await of.putArtifact(artifact)
        },
      }),
  }
}

/** Our repository as a release commit holds it: with its actions built. */
export async function ourRelease(root: string): Promise<{ dir: string; sha: string }> {
  const dir = join(root, 'ours')
  await mkdir(dir)
  await buildActions(dir)
  await git(['init', '--quiet', '--initial-branch=main', dir])
  await git(['-C', dir, 'add', '--all', '--force'])
  await git(['-C', dir, '-c', 'user.name=Release', '-c', 'user.email=release@example.com', 'commit', '--quiet', '-m', 'build: release'])
  return { dir, sha: (await git(['-C', dir, 'rev-parse', 'HEAD'])).trim() }
}

async function deploy(platformUrl: string, { gitDir }: History, slot: string, sha: string): Promise<void> {
  const answer = await fetch(`${platformUrl}/deploy`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ slot, sha, gitDir }),
  })
  if (!answer.ok) throw new Error(`${sha} could not be deployed to ${slot}: ${await answer.text()}`)
}

export interface ShopOnGitHub {
  readonly name: string
  readonly history: History
  readonly platformUrl: string
  /** Further variables of the repository. */
  readonly variables?: Readonly<Record<string, string>>
}

export interface OurGitHubOptions {
  readonly dir: string
  readonly runner: WorkflowRunner
  readonly ours: string
  readonly shops: readonly ShopOnGitHub[]
  readonly signingKey: string
  /** Faults, seed and limits of the double. */
  readonly more?: Pick<GitHubOptions, 'seed' | 'faults' | 'limits'>
}

/** A double that holds our repository and the adopters', with their people: `dev` writes the code, `approver` promotes it. */
export async function openGitHub({ dir, runner, ours, shops, signingKey, more }: OurGitHubOptions): Promise<GitHub> {
  const github = await startGitHub({ ...more, dir: join(dir, 'github'), runner })
  for (const login of ['dev', 'approver']) github.addUser({ login })
  github.addUser({ login: 'shop-maintainers', email: 'maintainers@shop.example' })
  github.addOrganization({
    login: 'acme',
    members: ['dev', 'approver'],
    teams: { 'release-approvers': ['approver'], sre: ['approver'], shop: ['dev'], data: ['dev'] },
  })
  github.addOrganization({ login: 'release-conductor', members: ['dev'], teams: {} })
  await github.addRepository({ owner: 'release-conductor', name: 'release-conductor', from: ours, install: false })
  for (const { name, history, platformUrl, variables } of shops) {
    await github.addRepository({
      owner: 'acme',
      name,
      from: history.workDir,
      collaborators: { dev: 'write', approver: 'maintain' },
      secrets: { RELEASE_CONDUCTOR_SIGNING_KEY: signingKey },
      variables: { PLATFORM_URL: platformUrl, ...variables },
    })
    github.protect(`acme/${name}`, 'main', ['release-conductor/all_required_gates (main)'])
  }
  return github
}

async function operatorFile(of: {
  dir: string
  port: number
  github: GitHub
  appKey: string
  routing: Record<string, string>
  hosting: Record<string, string>
}): Promise<string> {
  const { dir, port, github, appKey, routing, hosting } = of
  await writeFile(join(dir, 'app.pem'), github.app.privateKey, { mode: 0o600 })
  await writeFile(join(dir, 'signing.pem'), appKey, { mode: 0o600 })
  const file = join(dir, 'operator.yml')
  await writeFile(
    file,
    [
      `github: { api_url: "${github.apiUrl}", app_id: ${github.app.id}, private_key_file: app.pem }`,
      `listen: { host: 127.0.0.1, port: ${port} }`,
      `public_url: http://127.0.0.1:${port}`,
      'pages: open',
      'data_dir: data',
      'signing: { id: app, key_file: signing.pem }',
      `routers: { prod-proxy: { kind: weighted-proxy, admin: "${routing['admin']}" } }`,
      'metrics:',
      '  prod-scrape:',
      '    kind: openmetrics',
      `    canary: { url: "${hosting['canary']}/metrics" }`,
      `    stable: { url: "${hosting['stable']}/metrics" }`,
      '    requests: http_requests_total',
      '    errors: { metric: http_requests_total, label: code, matches: "5.." }',
      '    latency: { metric: http_request_duration_seconds }',
      'artifacts_dir: artifacts',
      'sweep: 5s',
      'look: 500ms',
      '',
    ].join('\n'),
  )
  return file
}

/** A port nobody has now; the App keeps it over its restarts, as a load balancer would want. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
