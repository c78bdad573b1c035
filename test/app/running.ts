/** The App as its own process, over a GitHub by script: for the tests of its start and its end. */
import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CLI = join(import.meta.dirname, '../../app/cli/main.ts')

export interface Running {
  readonly secret: string
  readonly privateKey: string
  readonly signingKey: string
  /** Everything it printed so far, both streams. */
  output(): string
  /** Resolves when it prints this; fails when it ends before. */
  says(text: string): Promise<void>
  /** Where it listens; after it said so. */
  url(): string
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

export interface RunOptions {
  readonly github: string
  readonly port?: number
  readonly router?: string
  readonly secret?: string
  /** Kind of the signing key; only `ec` is right. */
  readonly signing?: 'rsa' | 'ec'
  readonly databaseUrl?: string
  /** Content of a file in the data directory before the start. */
  readonly rollbacks?: string
}

function pem(kind: 'rsa' | 'ec'): string {
  const { privateKey } = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

export function run({
  github,
  port = 0,
  router,
  secret = randomBytes(32).toString('hex'),
  signing = 'ec',
  databaseUrl,
  rollbacks,
}: RunOptions): Running {
  const dir = mkdtempSync(join(tmpdir(), 'conductor-app-'))
  const [privateKey, signingKey] = [pem('rsa'), pem(signing)]
  writeFileSync(join(dir, 'app.pem'), privateKey, { mode: 0o600 })
  writeFileSync(join(dir, 'signing.pem'), signingKey, { mode: 0o600 })
  mkdirSync(join(dir, 'data'))
  if (rollbacks !== undefined) writeFileSync(join(dir, 'data', 'rollbacks.jsonl'), rollbacks)
  writeFileSync(
    join(dir, 'operator.yml'),
    [
      `github: { api_url: "${github}", app_id: 4242, private_key_file: app.pem }`,
      `listen: { host: 127.0.0.1, port: ${port} }`,
      'data_dir: data',
      'signing: { id: app, key_file: signing.pem }',
      ...(router === undefined ? [] : [`routers: { proxy: { kind: weighted-proxy, admin: "${router}" } }`]),
      'sweep: 5s',
      '',
    ].join('\n'),
  )
  const child = spawn(process.execPath, [CLI, 'serve', `--operator=${join(dir, 'operator.yml')}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', WEBHOOK_SECRET: secret, ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }) },
  })
  let text = ''
  let listeners: (() => void)[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
      for (const listener of listeners) listener()
    })
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return {
    secret,
    privateKey,
    signingKey,
    output: () => text,
    says: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!text.includes(wanted)) return
          listeners = listeners.filter((one) => one !== look)
          resolve()
        }
        listeners.push(look)
        void ended.then(() => reject(new Error(`it ended without saying ${wanted}: ${text}`)))
        look()
      }),
    url: () => /"url":"([^"]+)"/.exec(text)?.[1] ?? '',
    signal: (name) => void child.kill(name),
    ended,
  }
}
