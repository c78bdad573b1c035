import { expect, test } from 'vitest'
import { readLockFile } from '../../../evidence/sbom/lock.ts'
import { readLockOnDemand } from '../../../evidence/sbom/lock-on-demand.ts'

const LOCKS: readonly (readonly [path: string, text: string])[] = [
  ['package-lock.json', '{"name":"a","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"a","version":"1.0.0"}}}'],
  ['app/npm-shrinkwrap.json', '{"name":"a","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"a","version":"1.0.0"}}}'],
  ['pnpm-lock.yaml', "lockfileVersion: '9.0'\nimporters:\n  .: {}\n"],
  ['yarn.lock', '# yarn lockfile v1\n'],
  ['package-lock.json', '{'],
  ['pom.xml', ''],
  ['Cargo.lock', ''],
  ['poetry.lock', '[metadata]\nlock-version = "2.0"\n'],
  ['Gemfile.lock', 'GEM\n'],
  ['composer.lock', '{"packages":[]}'],
  ['uv.lock', 'version = 1\n'],
  ['api/go.mod', 'module a.b/c\n'],
  ['requirements/dev.txt', 'a==1\n'],
  ['constructor', ''],
]

test.each(LOCKS)('%s: one reader, loaded late, says the same as all of them', async (path, text) => {
  const question = { path, bytes: Buffer.from(text), manifest: Buffer.from('{"name":"a","version":"1.0.0"}') }
  expect(await readLockOnDemand(question)).toEqual(readLockFile(question))
})
