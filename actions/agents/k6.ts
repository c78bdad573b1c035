/** k6 for `gates.perf.script`, as the caller pins it: an archive of k6's own releases with that very digest, or none. It is the adopter who chooses to have it. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { boundedBody } from '../lib/bounded-body.ts'
import { ActionError } from '../lib/error.ts'

const RELEASES = 'https://github.com/grafana/k6/releases/download'
const PIN = /^(\d{1,4}\.\d{1,4}\.\d{1,4})\s+([0-9a-f]{64})$/
const MAX_BYTES = 200 << 20
const TIMEOUT_MS = 300_000

/**
 * @param pin `1.8.1 <SHA-256 of its archive for linux-amd64>` @param folder an empty one @returns the folder that holds the program
 * @throws ActionError `bad-input`, `environment`, `digest-differs`
 */
export async function installK6(pin: string, folder: string, releases = RELEASES): Promise<string> {
  const [, version, digest] = PIN.exec(pin.trim()) ?? []
  if (version === undefined || digest === undefined)
    throw new ActionError('bad-input', 'k6 is a version and the SHA-256 of its archive for linux-amd64, such as `1.8.1 <64 hex digits>`.')
  const name = `k6-v${version}-linux-amd64`
  const bytes = await archive(`${releases}/v${version}/${name}.tar.gz`)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== digest)
    throw new ActionError(
      'digest-differs',
      `The archive of k6 ${version} has the SHA-256 ${found}, not ${digest}. Pin the one that its release tells.`,
    )
  const path = join(folder, 'k6.tar.gz')
  await writeFile(path, bytes)
  try {
    await promisify(execFile)('tar', ['--extract', '--gzip', `--file=${path}`, `--directory=${folder}`, `${name}/k6`])
  } catch (cause) {
    throw new ActionError('environment', `The archive of k6 ${version} cannot be unpacked. Run this on GitHub's runners for Linux.`, { cause })
  }
  return join(folder, name)
}

async function archive(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), headers: { 'user-agent': 'release-conductor' } })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    return await boundedBody(response, MAX_BYTES)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ActionError('environment', `${url} cannot be had: ${why}. See whether k6 has such a release, then run this again.`, { cause })
  }
}
