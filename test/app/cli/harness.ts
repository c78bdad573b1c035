/** Runs the command line in process, with an outside of its own; and the few answers of GitHub that it asks for, over loopback. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../../app/cli/main.ts'

export interface Ran {
  readonly exit: number
  readonly out: string
  readonly err: string
}

export async function cli(
  args: readonly string[],
  of: {
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string>>
    readonly ended?: Promise<string>
    readonly seen?: (text: string) => void
    /** Epoch milliseconds. */
    readonly now?: number
    /** Standard input, in pieces. */
    readonly input?: readonly string[]
  } = {},
): Promise<Ran> {
  let [out, err] = ['', '']
  const exit = await main(args, {
    out: (text) => {
      out += text
      of.seen?.(text)
    },
    err: (text) => void (err += text),
    env: of.env ?? {},
    cwd: of.cwd ?? emptyFolder(),
    now: () => of.now ?? Date.parse('2026-11-22T12:00:00.000Z'),
    async *input() {
      for (const piece of of.input ?? []) yield Buffer.from(piece)
    },
    ended: of.ended ?? new Promise(() => {}),
  })
  return { exit, out, err }
}

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'release-conductor-cli-'))
}

/** `git <args>` in a folder, as nobody in particular and at a fixed time. */
export function git(cwd: string, ...args: readonly string[]): string {
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com' }
  const env = {
    PATH: process.env['PATH'],
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_DATE: '2026-11-22T12:00:00Z',
    GIT_COMMITTER_DATE: '2026-11-22T12:00:00Z',
    ...who,
  }
  return execFileSync('git', [...args], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

export interface Asked {
  readonly method: string
  readonly url: string
  readonly authorization: string
  readonly body: unknown
}

/** @param answers by `METHOD /path`; anything else is 404 */
export async function fakeApi(answers: Readonly<Record<string, { readonly status?: number; readonly body: unknown }>>) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const url = request.url ?? ''
      asked.push({
        method: request.method ?? '',
        url,
        authorization: request.headers.authorization ?? '',
        body: text === '' ? undefined : JSON.parse(text),
      })
      const answer = answers[`${request.method} ${url.split('?')[0]}`] ?? { status: 404, body: { message: 'Not Found' } }
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked, close: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}

export const PULL = {
  number: 12,
  title: 'chore(release): v2.0.0',
  html_url: 'https://github.example/acme/shop/pull/12',
  head: { ref: 'release/v2.0.0', sha: 'a'.repeat(40) },
  base: { ref: 'main' },
}
