/**
 * Builds the policy of commands with `opa`, and writes it where the App reads it: `RC_TOOLS=$(.ci/tools) node test/policy.ts`.
 * The interoperability tests build it again and compare.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../evidence/core/digest.ts'
import { DECISION_PATH } from '../gates/policy/decide.ts'

const FOLDER = join(import.meta.dirname, '../gates/policy')

/** @param opa path of the program @returns what `bundle.json` must hold */
export function builtPolicy(opa: string): { readonly opa: string; readonly sha256: string; readonly bundle: string } {
  const scratch = mkdtempSync(join(tmpdir(), 'release-conductor-policy-'))
  try {
    const out = join(scratch, 'bundle.tar.gz')
    const [version = ''] = /(?<=^Version: ).+$/m.exec(execFileSync(opa, ['version'], { encoding: 'utf8' })) ?? []
    // Paths stand in the bundle as they are given.
    const args = ['build', '--target=wasm', `--entrypoint=${DECISION_PATH}`, '--ignore=*_test.rego', `--output=${out}`, '--bundle', '.']
    execFileSync(opa, args, { cwd: join(FOLDER, 'rego') })
    const bytes = readFileSync(out)
    return { opa: version, sha256: sha256(bytes), bundle: bytes.toString('base64') }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

if (import.meta.main)
  writeFileSync(join(FOLDER, 'bundle.json'), `${JSON.stringify(builtPolicy(join(process.env['RC_TOOLS'] ?? '', 'opa')), null, 2)}\n`)
