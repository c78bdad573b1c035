import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { generateKeyPair } from '../../evidence/sign/local-key.ts'
import type { Played } from '../demo/play.ts'

const ROOT = join(import.meta.dirname, '../..')
const made: string[] = []

afterEach(async () => {
  for (const dir of made.splice(0)) await rm(dir, { recursive: true, force: true })
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A child process as a person starts it. */
function run(script: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
    const child = spawn(process.execPath, [join(ROOT, script), ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.stderr.on('data', (chunk) => (err += String(chunk)))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })
}

async function demo(...args: readonly string[]): Promise<Played & { readonly told: string }> {
  const { code, out, err } = await run('test/demo/main.ts', '--json', ...args)
  expect({ code, err, out }).toEqual({ code: 0, err: '', out })
  const played = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Played
  if (played.pack !== null) made.push(packFolder(played.pack))
  return { ...played, told: out }
}

/** The pack lies in `artifacts/acme/shop/release/v2.0.0` of the demo's folder. */
function packFolder(pack: string): string {
  return join(dirname(pack), '../../../../..')
}

test('a good version is promoted over 10, 50 and 100 %, and its pack verifies from the pack and the public keys alone', async () => {
  const played = await demo('--errors=0')
  expect(played).toMatchObject({ outcome: 'promoted', version: 'v2.0.0', steps: [10, 50, 100], rollback_seconds: null, app_restarts: 0 })
  expect(Object.values(played.checks).every((conclusion) => conclusion === 'success')).toBe(true)
  expect(Object.keys(played.checks)).toEqual(expect.arrayContaining(['policy_ci', 'hardening', 'supply_chain', 'all_required_gates']))
  expect(played.requests).toMatchObject({ failed: 0, canary_bad: 0 })

  const folder = packFolder(played.pack ?? '')
  const keys = [`--key=demo=${join(folder, 'job-key.pub')}`, `--pack-key=app=${join(folder, 'app-key.pub')}`]
  const good = await run('app/cli/main.ts', 'evidence', 'verify', played.pack ?? '', ...keys)
  expect(good).toMatchObject({ code: 0, err: '' })
  expect(good.out).toContain(played.ledger_root)

  const other = await mkdtemp(join(tmpdir(), 'other-key-'))
  made.push(other)
  await writeFile(join(other, 'other.pub'), generateKeyPair().publicKeyPem)
  const wrong = await run('app/cli/main.ts', 'evidence', 'verify', played.pack ?? '', `--key=demo=${join(other, 'other.pub')}`)
  expect(wrong.code).not.toBe(0)
  expect(wrong.out + wrong.err).toContain('does not verify')
})

test('a version that fails for 30 % of its answers comes back within 10 seconds of its first bad one', async () => {
  const played = await demo('--errors=0.3')
  expect(played).toMatchObject({ outcome: 'rolled_back', steps: [10, 0], checks: { all_required_gates: 'success' } })
  expect(played.rollback_seconds).not.toBeNull()
  expect(played.rollback_seconds).toBeLessThan(10)
  expect(played.pack).not.toBeNull()
})

test('one byte of a signed response changed on its way: nothing is promoted and no traffic moves', async () => {
  const played = await demo('--tamper')
  expect(played).toMatchObject({ outcome: 'blocked', steps: [], pack: null, ledger_root: null })
  expect(played.checks['all_required_gates']).not.toBe('success')
})

test.each([['2'], ['x'], [''], ['-1']])('--errors=%s is a usage error that says what is expected', async (errors) => {
  const { code, out, err } = await run('test/demo/main.ts', `--errors=${errors}`)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain('--errors is a share from 0 to 1')
  expect(err).toContain(JSON.stringify(errors))
})
