/**
 * Builds with `opa` the policy of commands, where the App reads it, and the policy of the sample adopter, as an adopter would:
 * `RC_TOOLS=$(.ci/tools) node test/policy.ts`. The interoperability tests build both again and compare.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../evidence/core/digest.ts'
import { DECISION_PATH } from '../gates/policy/decide.ts'

const FOLDER = join(import.meta.dirname, '../gates/policy')
const SHOP = join(import.meta.dirname, 'shop/v1')
export const SHOP_BUNDLE = join(SHOP, 'policy.tar.gz')

function inScratch<Of>(work: (scratch: string) => Of): Of {
  const scratch = mkdtempSync(join(tmpdir(), 'release-conductor-policy-'))
  try {
    return work(scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** @param opa path of the program @returns what `bundle.json` must hold */
export function builtPolicy(opa: string): { readonly opa: string; readonly sha256: string; readonly bundle: string } {
  return inScratch((scratch) => {
    const out = join(scratch, 'bundle.tar.gz')
    const [version = ''] = /(?<=^Version: ).+$/m.exec(execFileSync(opa, ['version'], { encoding: 'utf8' })) ?? []
    // Paths stand in the bundle as they are given.
    const args = ['build', '--target=wasm', `--entrypoint=${DECISION_PATH}`, '--ignore=*_test.rego', `--output=${out}`, '--bundle', '.']
    execFileSync(opa, args, { cwd: join(FOLDER, 'rego') })
    const bytes = readFileSync(out)
    return { opa: version, sha256: sha256(bytes), bundle: bytes.toString('base64') }
  })
}

/** What `policy.tar.gz` of the sample adopter must be: built by the commands of docs/policies.md. */
export function builtShopPolicy(opa: string): Buffer {
  return inScratch((scratch) => {
    cpSync(join(SHOP, 'policy'), join(scratch, 'policy'), { recursive: true })
    const git = (...args: string[]) => execFileSync('git', ['-C', scratch, ...args], { encoding: 'utf8' }).trim()
    git('init', '--quiet')
    git('add', 'policy')
    const revision = git('write-tree', '--prefix=policy/')
    const entrypoints = ['--entrypoint=main', '--entrypoint=ci']
    execFileSync(opa, ['build', '--target=wasm', ...entrypoints, `--revision=${revision}`, '--output=policy.tar.gz', '--bundle', 'policy'], {
      cwd: scratch,
    })
    return readFileSync(join(scratch, 'policy.tar.gz'))
  })
}

if (import.meta.main) {
  const opa = join(process.env['RC_TOOLS'] ?? '', 'opa')
  writeFileSync(join(FOLDER, 'bundle.json'), `${JSON.stringify(builtPolicy(opa), null, 2)}\n`)
  const bundle = builtShopPolicy(opa)
  writeFileSync(SHOP_BUNDLE, bundle)
  const config = join(SHOP, '.github/release-conductor.yml')
  const text = readFileSync(config, 'utf8')
  writeFileSync(config, text.replace(/(?<=path: policy\.tar\.gz, sha256: )[0-9a-f]{64}/, sha256(bundle)))
}
