/** Every bundle of sigstore-conformance (test data of another project, found by $CORPORA or beside this checkout), through our own wrapper. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifyArtifact, type NamedSigner } from '../../../evidence/verify/artifact.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'

const CASES = join(process.env['CORPORA'] ?? resolve('../shared/corpora'), 'sigstore-conformance/test/assets/bundle-verify')
const found = existsSync(CASES) ? CASES : null
const IDENTITY =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main'
const ISSUER = 'https://token.actions.githubusercontent.com'

/** The trusted root of Sigstore's public instance, as npm's client ships it. */
function publicRoot(): Uint8Array {
  const seeds = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('@sigstore/tuf/seeds.json'), 'utf8')) as Record<
    string,
    { targets: Record<string, string> }
  >
  return Buffer.from(seeds['https://tuf-repo-cdn.sigstore.dev']?.targets['trusted_root.json'] ?? '', 'base64')
}

function ask(name: string, of: { identity?: string; artifact?: Uint8Array } = {}): string {
  const read = (file: string): Buffer | null => (existsSync(join(CASES, name, file)) ? readFileSync(join(CASES, name, file)) : null)
  const key = read('key.pub')
  const signer: NamedSigner =
    key === null
      ? { identity: of.identity ?? read('identity')?.toString().trim() ?? IDENTITY, issuer: read('issuer')?.toString().trim() ?? ISSUER }
      : { key: { id: 'key', publicKeyPem: key.toString() } }
  const answer = verifyArtifact({
    bundle: read('bundle.sigstore.json'),
    artifact: { bytes: of.artifact ?? read('artifact') ?? readFileSync(join(CASES, 'a.txt')) },
    signer,
    root: { bytes: read('trusted_root.json') ?? publicRoot() },
  })
  return answer instanceof EvidenceError ? answer.code : 'verified'
}

/** Skipped without the corpora: they are other people's data and not part of this repository. */
describe.skipIf(found === null)('sigstore-conformance', () => {
  const names = found === null ? [] : readdirSync(found).filter((name) => existsSync(join(found, name, 'bundle.sigstore.json')))

  test('has its 70 cases', () => {
    expect(names.length).toBe(70)
    expect(names.filter((name) => !name.endsWith('_fail')).length).toBe(21)
  })

  test.each(names)('%s', (name) => {
    const answer = ask(name)
    expect(answer === 'verified').toBe(!name.endsWith('_fail'))
  })

  const healthy = names.filter((name) => !name.endsWith('_fail'))
  test.each(healthy)('%s, for another artifact', (name) => {
    expect(ask(name, { artifact: Buffer.from('evil') })).toBe('wrong-subject')
  })

  test.each(healthy.filter((name) => !name.startsWith('managed-key')))('%s, for another signer', (name) => {
    const identities = ['', '.', 'github.com', IDENTITY.slice(0, -1), `${IDENTITY}s`, IDENTITY.replace('.', 'x')]
    expect(identities.map((identity) => ask(name, { identity }))).toEqual(identities.map(() => 'untrusted-signer'))
  })
})
