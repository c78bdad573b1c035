/** `git archive` of one commit -> a folder that can run, named by the SHA-256 of the very bytes that were handed over. */
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { access, mkdir, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { PlatformError } from './platform-error.ts'

const run = promisify(execFile)
const MAX_BYTES = 64 * 1024 * 1024
const NODE_MODULES = join(import.meta.dirname, '../../../node_modules')

export interface Build {
  readonly sha: string
  /** `sha256:…` */
  readonly digest: string
  readonly dir: string
}

async function commitOf(tar: string): Promise<string> {
  const reader = spawn('git', ['get-tar-commit-id'], { stdio: ['pipe', 'pipe', 'ignore'] })
  // Git reads the head of the file only and closes; the broken pipe is expected.
  reader.stdin.on('error', () => undefined)
  createReadStream(tar, { end: 16_383 }).pipe(reader.stdin)
  let text = ''
  for await (const chunk of reader.stdout) text += String(chunk)
  return text.trim()
}

/** @throws PlatformError `archive` */
export async function unpack(tar: Readable, sha: string, folder: string): Promise<Build> {
  const part = join(folder, `${sha}-${process.hrtime.bigint()}.tar`)
  const hash = createHash('sha256')
  let size = 0
  const measure = new Transform({
    transform(chunk: Buffer, _, done) {
      size += chunk.length
      hash.update(chunk)
      done(size > MAX_BYTES ? new PlatformError('archive', `The archive is larger than ${MAX_BYTES} bytes.`) : null, chunk)
    },
  })
  try {
    await pipeline(tar, measure, createWriteStream(part))
    const found = await commitOf(part)
    if (found !== sha) throw new PlatformError('archive', `The archive is of commit ${found === '' ? 'nothing' : found}, not of ${sha}.`)
    const hex = hash.digest('hex')
    const dir = join(folder, hex)
    const build: Build = { sha, digest: `sha256:${hex}`, dir }
    const known = await access(dir).then(
      () => true,
      () => false,
    )
    if (known) return build
    const making = `${dir}.making`
    await rm(making, { recursive: true, force: true })
    await mkdir(making)
    await run('tar', ['-x', '-f', part, '-C', making])
    // What `npm ci` would do in the image.
    await symlink(NODE_MODULES, join(making, 'node_modules'))
    await rename(making, dir)
    return build
  } finally {
    await rm(part, { force: true })
  }
}

/** The same from a repository on this machine. @throws PlatformError `archive` when the commit is not in it */
export async function build(gitDir: string, sha: string, folder: string): Promise<Build> {
  const git = spawn('git', ['-C', gitDir, 'archive', '--format=tar', sha], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    return await unpack(git.stdout, sha, folder)
  } catch (error) {
    throw error instanceof PlatformError
      ? error
      : new PlatformError('archive', `Commit ${sha} could not be exported from ${gitDir}.`, { cause: error })
  }
}
