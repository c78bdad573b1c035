/**
 * A PostgreSQL cluster of one's own from the binaries of the distribution, on a free loopback port, for one test file. As root the server runs as the
 * user `postgres`, since PostgreSQL refuses root.
 */
import { execFile } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'

const run = promisify(execFile)
const ROOT = '/usr/lib/postgresql'

/** Folder of initdb and pg_ctl of the newest installed version; null when there is none. */
export function postgresBinaries(): string | null {
  if (!existsSync(ROOT)) return null
  const versions = readdirSync(ROOT)
    .map(Number)
    .filter((version) => existsSync(join(ROOT, String(version), 'bin', 'initdb')))
    .sort((a, b) => b - a)
  return versions[0] === undefined ? null : join(ROOT, String(versions[0]), 'bin')
}

export interface Cluster {
  /** A new empty database's URL. */
  database(): Promise<string>
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}

async function identity(): Promise<{ readonly uid: number; readonly gid: number } | null> {
  if (process.getuid?.() !== 0) return null
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])])
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
}

/** @param binaries from {@link postgresBinaries} */
export async function startCluster(binaries: string): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'conductor-postgres-'))
  const who = await identity()
  if (who !== null) chownSync(directory, who.uid, who.gid)
  const as = { ...who, cwd: directory }
  const data = join(directory, 'data')
  await run(join(binaries, 'initdb'), ['-D', data, '-U', 'conductor', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], as)
  const port = await freePort()
  const options = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories=${directory} -c fsync=off -c max_connections=60`
  await run(join(binaries, 'pg_ctl'), ['-D', data, '-w', '-l', join(directory, 'log'), '-o', options, 'start'], as)
  const base = `postgres://conductor@127.0.0.1:${port}`
  let made = 0
  return {
    async database() {
      made += 1
      const client = new Client({ connectionString: `${base}/postgres` })
      await client.connect()
      await client.query(`create database test_${made}`)
      await client.end()
      return `${base}/test_${made}`
    },
    async stop() {
      await run(join(binaries, 'pg_ctl'), ['-D', data, '-w', '-m', 'immediate', 'stop'], as)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
