/**
 * The program `k6`, which the adopter installs: it is called as it is, and no part of it is ours. It gets a folder with the script, the address in `RC_TARGET`,
 * and nothing of the job: no token, no file of settings, no service that reports use, no extension fetched on demand, no module from elsewhere. Every address
 * but that of the service is refused to it, and the name of the service leads where it led when it was looked up.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programOf, runProgram, streamProgram, type Streamed } from '../program.ts'
import { allBut } from './only.ts'
import { layOut, type Script } from './script.ts'
import type { Target } from './target.ts'

export interface K6 {
  readonly program: string
  readonly version: string
}

/** Kilobytes of data: a thousand users take about one gigabyte. */
const MEMORY_KB = 4 << 20
const VERSION_MS = 20_000
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9'
const TAGS = 'scenario,status,method,url,name,expected_response,error_code'
/** Where certificates lie that the machine trusts. */
const CERTIFICATES = ['SSL_CERT_FILE', 'SSL_CERT_DIR'] as const

/** null: this job has none. */
export async function findK6(): Promise<K6 | null> {
  const program = await programOf('k6')
  if (program === null) return null
  const { out } = await runProgram(program, ['version'], { cwd: tmpdir(), timeoutMs: VERSION_MS })
  return { program, version: /^k6(?:\.exe)? v?(\S{1,50})/m.exec(out)?.[1] ?? 'unknown' }
}

export class K6Call implements AsyncDisposable {
  readonly #k6: K6
  readonly #target: Target
  readonly #url: string
  readonly #scratch: string
  /** Where the script's folder lies. */
  readonly files: string
  private constructor(k6: K6, target: Target, url: string, scratch: string) {
    this.#k6 = k6
    this.#target = target
    this.#url = url.replace(/\/+$/, '')
    this.#scratch = scratch
    this.files = join(scratch, 'files')
  }

  /** @param url of the service, as the config has it */
  static async of(k6: K6, script: Script, target: Target, url: string): Promise<K6Call> {
    const call = new K6Call(k6, target, url, await mkdtemp(join(tmpdir(), 'load-')))
    const { servername, address } = target
    await mkdir(call.files)
    await layOut(script, call.files)
    await writeFile(join(call.#scratch, 'k6.json'), JSON.stringify(servername === address ? {} : { hosts: { [servername]: address } }))
    return call
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#scratch, { recursive: true, force: true })
  }

  /** What a script would do, without doing it. */
  inspect(path: string, timeoutMs: number, take: (chunk: Buffer) => string | null): Promise<Streamed> {
    return this.#stream(['inspect', '--execution-requirements', ...this.#common(path)], timeoutMs, take)
  }

  /** @param take its samples, as they come */
  run(path: string, timeoutMs: number, take: (chunk: Buffer) => string | null): Promise<Streamed> {
    const only = `--blacklist-ip=${allBut(this.#target.address).join(',')}`
    const own = ['--out=json', '--quiet', '--summary-mode=disabled', '--no-usage-report', '--address=', `--system-tags=${TAGS}`]
    // What a script may set, and must not.
    const held = ['--insecure-skip-tls-verify=false', '--paused=false', '--rps=0', only]
    return this.#stream(['run', ...own, ...held, ...this.#common(path)], timeoutMs, take)
  }

  #common(path: string): readonly string[] {
    return [`--config=${join(this.#scratch, 'k6.json')}`, '--include-system-env-vars=false', `--env=RC_TARGET=${this.#url}`, '--no-color', path]
  }

  async #stream(args: readonly string[], timeoutMs: number, take: (chunk: Buffer) => string | null): Promise<Streamed> {
    const certificates = CERTIFICATES.flatMap((name): [string, string][] => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    })
    const more = {
      ...Object.fromEntries(certificates),
      K6_NO_USAGE_REPORT: 'true',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      K6_BINARY_PROVISIONING: 'false',
      // Modules by URL come over these, and find nobody.
      HTTP_PROXY: NOWHERE,
      HTTPS_PROXY: NOWHERE,
      NO_PROXY: this.#target.servername,
    }
    const ended = await streamProgram(this.#k6.program, args, { cwd: this.files, more, timeoutMs, memoryKb: MEMORY_KB, take })
    // Where it lay differs from run to run, and tells nobody anything.
    return { ...ended, said: ended.said.replaceAll(`${this.files}/`, '') }
  }
}
