/** The stage of the flow tests: the App as a process, the double of GitHub with the real Actions runner, and a small hosting for each shop. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Document } from 'yaml'
import { generateKeyPair } from '../../evidence/sign/local-key.ts'
import { Child } from '../demo/child.ts'
import { freePort, openGitHub, ourRelease } from '../demo/stage.ts'
import { buildHistory, loading, watching, type Edits, type History } from '../shop/history.ts'
import { actionsRunner } from '../support/github/actions/runner.ts'
import type { GitHub, GitHubOptions, WorkflowRunner } from '../support/github/index.ts'
import { startHosting, type Hosting } from './hosting.ts'

const CLI = join(import.meta.dirname, '../../app/cli/main.ts')

export interface StageOptions {
  /** Names of the adopters' repositories; default one, `shop`. */
  readonly shops?: readonly string[]
  /** Bake of each step, default 1 s. */
  readonly bake?: string
  /** Deadline of each step, default 40 s. */
  readonly deadline?: string
  readonly configure?: (config: Document) => void
  readonly edits?: { readonly v1: Edits; readonly v2: Edits }
  readonly github?: Pick<GitHubOptions, 'seed' | 'faults' | 'limits'>
  readonly databaseUrl?: string
  /** Of the repositories, for their jobs. */
  readonly variables?: Readonly<Record<string, string>>
  /** Of the App, beside its secrets. */
  readonly environment?: Readonly<Record<string, string>>
  /** A Sigstore instance: its trusted root as JSON, and the log that packs go into. */
  readonly sigstore?: { readonly root: object; readonly rekor: { readonly url: string; readonly version: 1 | 2 } }
  /** How many processes of the App share the database; more than one needs `databaseUrl`. */
  readonly processes?: number
  /** How often every open release is looked at, whatever came; default 3 s. */
  readonly sweep?: string
  /** Whether people can log in on the pages, which then have the name `localhost`; a security key counts after a second. */
  readonly login?: boolean
  /** Whether a process that was killed is started again; default true. */
  readonly restarts?: boolean
}

export interface Shop {
  readonly name: string
  /** `acme/shop` */
  readonly fullName: string
  readonly history: History
  readonly hosting: Hosting
}

export interface Process {
  readonly child: Child
  readonly url: string
  /** Where people reach its pages, with `login`. */
  readonly publicUrl: string
  /** How often it has come up. */
  readonly starts: () => number
  readonly log: () => Promise<string>
}

export interface Stage extends AsyncDisposable {
  readonly dir: string
  readonly github: GitHub
  /** Its webhook secret. */
  readonly secret: string
  readonly shops: readonly Shop[]
  readonly shop: Shop
  readonly apps: readonly Process[]
  readonly app: Process
  readonly publicKeys: { readonly job: string; readonly app: string }
}

export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'release-conductor-flow-'))
  const closing: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true, maxRetries: 5 })]
  const close = async (): Promise<void> => {
    for (const one of closing.toReversed()) await one()
  }
  try {
    const [jobKeys, appKeys] = [generateKeyPair(), generateKeyPair()]
    const ours = await ourRelease(dir)
    const shops: Shop[] = []
    for (const name of options.shops ?? ['shop']) {
      const hosting = await startHosting()
      closing.push(() => hosting.close())
      shops.push({
        name,
        fullName: `acme/${name}`,
        hosting,
        history: await historyOf({ dir: join(dir, name), name, hosting }, ours.sha, jobKeys.publicKeyPem, options),
      })
    }
    const github = await openGitHub({
      dir,
      runner: offline(actionsRunner()),
      ours: ours.dir,
      shops: shops.map(({ name, history, hosting }) => ({ name, history, platformUrl: hosting.url, variables: options.variables ?? {} })),
      signingKey: jobKeys.privateKeyPem,
      ...(options.github !== undefined && { more: options.github }),
    })
    closing.push(() => github.stop())
    await writeFile(join(dir, 'app.pem'), github.app.privateKey, { mode: 0o600 })
    await writeFile(join(dir, 'signing.pem'), appKeys.privateKeyPem, { mode: 0o600 })
    await writeFile(join(dir, 'trusted_root.json'), JSON.stringify(options.sigstore?.root ?? {}))
    const secret = randomBytes(32).toString('hex')
    const apps: Process[] = []
    for (let number = 1; number <= (options.processes ?? 1); number++) {
      const app = await startApp({
        dir,
        number,
        github,
        shops,
        secret,
        databaseUrl: options.databaseUrl,
        environment: options.environment ?? {},
        rekor: options.sigstore?.rekor,
        sweep: options.sweep ?? '3s',
        restarts: options.restarts ?? true,
        login: options.login ?? false,
        isLimited: options.github?.limits?.secondary !== false,
      })
      closing.push(() => app.child.stop())
      apps.push(app)
    }
    const [app, shop] = [apps[0], shops[0]]
    if (app === undefined || shop === undefined) throw new Error('a stage has at least one process and one shop')
    github.setWebhook(`${app.url}/api/github/webhooks`, secret)
    return {
      dir,
      github,
      secret,
      shops,
      shop,
      apps,
      app,
      publicKeys: { job: jobKeys.publicKeyPem, app: appKeys.publicKeyPem },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The adopter's own `ci.yml` installs from a registry on every push; it is no part of a release, and no test goes there. */
function offline(runner: WorkflowRunner): WorkflowRunner {
  return { run: async (request) => (request.event.name === 'push' ? { conclusion: 'success', jobs: [] } : await runner.run(request)) }
}

async function historyOf(
  { dir, name, hosting }: { readonly dir: string; readonly name: string; readonly hosting: Hosting },
  conductorSha: string,
  trustKeyPem: string,
  { bake = '1s', deadline = '40s', configure, edits }: StageOptions,
): Promise<History> {
  return await buildHistory({
    dir,
    trustKeyPem,
    conductorSha,
    errors: 0,
    scannedAt: Date.now(),
    repository: `acme/${name}`,
    ...(edits !== undefined && { edits }),
    configure(config) {
      const prod = ['environments', 'prod']
      // Jobs are what these stories are about: the versions are stand-ins that tell no latency.
      config.setIn([...prod, 'absence'], config.createNode({ latency: 'zero' }))
      config.setIn([...prod, 'bake'], config.createNode({ 10: bake, 50: bake, 100: bake }))
      config.setIn([...prod, 'deadline'], config.createNode({ 10: deadline, 50: deadline, 100: deadline }))
      config.setIn([...prod, 'router'], `router-${name}`)
      config.setIn([...prod, 'metrics'], `metrics-${name}`)
      // Its customers are arithmetic: they are counted, and nothing tells how long they waited.
      watching(config, `${hosting.url}/stable/metrics`, ['slo/availability.yaml'])
      loading(config, null, 'the versions of this story are stand-ins that serve nobody')
      config.setIn(['gates', 'slo', 'dashboards'], config.createNode({ files: ['dashboards/answers.json'] }))
      configure?.(config)
    },
  })
}

interface AppOptions {
  readonly dir: string
  readonly number: number
  readonly github: GitHub
  readonly shops: readonly Shop[]
  readonly secret: string
  readonly databaseUrl: string | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly rekor: { readonly url: string; readonly version: 1 | 2 } | undefined
  readonly sweep: string
  readonly restarts: boolean
  readonly login: boolean
  readonly isLimited: boolean
}

async function startApp({
  dir,
  number,
  github,
  shops,
  secret,
  databaseUrl,
  environment,
  rekor,
  sweep,
  restarts,
  login,
  isLimited,
}: AppOptions): Promise<Process> {
  const port = await freePort()
  const operator = join(dir, `operator-${number}.yml`)
  const publicUrl = `http://localhost:${port}`
  if (login) github.setCallback(`${publicUrl}/login/callback`)
  await writeFile(
    operator,
    [
      `github: { api_url: "${github.apiUrl}", app_id: ${github.app.id}, private_key_file: app.pem, rate_limits: ${isLimited ? 'on' : 'off'}, issuer: "${new URL(github.apiUrl).origin}/_oidc" }`,
      `listen: { host: 127.0.0.1, port: ${port} }`,
      `data_dir: data-${number}`,
      ...(login ? [`public_url: ${publicUrl}`, `login: { client_id: ${github.app.client.id}, key_cooldown: 1s }`] : []),
      'signing: { id: app, key_file: signing.pem }',
      ...(rekor === undefined
        ? []
        : ['sigstore:', '  trusted_root_file: trusted_root.json', `  rekor: { url: "${rekor.url}", version: ${rekor.version} }`]),
      'routers:',
      ...shops.map(({ name, hosting }) => `  router-${name}: { kind: weighted-proxy, admin: "${hosting.url}" }`),
      'metrics:',
      ...shops.flatMap(({ name, hosting: { url } }) => [
        `  metrics-${name}:`,
        '    kind: openmetrics',
        `    canary: { url: "${url}/canary/metrics" }`,
        `    stable: { url: "${url}/stable/metrics" }`,
        '    requests: http_requests_total',
        '    errors: { metric: http_requests_total, label: code, matches: "5.." }',
      ]),
      'artifacts_dir: artifacts',
      `sweep: ${sweep}`,
      'look: 400ms',
      '',
    ].join('\n'),
  )
  let starts = 0
  const logFile = join(dir, `app-${number}.log`)
  const child = new Child({
    name: `app-${number}`,
    script: CLI,
    args: ['serve', `--operator=${operator}`],
    logFile,
    supervise: restarts,
    env: {
      ...environment,
      WEBHOOK_SECRET: secret,
      ...(login && { GITHUB_CLIENT_SECRET: github.app.client.secret }),
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    },
    onLine: (line) => {
      if (line.includes('"The App listens."')) starts += 1
    },
  })
  await child.start((line) => (line.includes('"The App listens."') ? true : null))
  return { child, url: `http://127.0.0.1:${port}`, publicUrl, starts: () => starts, log: () => readFile(logFile, 'utf8') }
}
