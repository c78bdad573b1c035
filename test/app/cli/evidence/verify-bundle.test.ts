import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { verifyBundle } from '../../../../app/cli/evidence/verify-bundle.ts'
import { sha256 } from '../../../../evidence/core/digest.ts'
import { JOB, SIGSTORE } from '../../../evidence/verify/keyless.ts'
import { cli, emptyFolder } from '../harness.ts'

const cwd = emptyFolder()
const FILE = 'the artifact'
const IDENTITY = [`--certificate-identity=${JOB[9]}`, `--certificate-oidc-issuer=${JOB[8]}`]

beforeAll(() => {
  const subject = [{ name: 'app', digest: { sha256: sha256(FILE) } }]
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject, predicateType: 'https://slsa.dev/provenance/v1', predicate: {} }
  const bundle = SIGSTORE.keyless({ payload: Buffer.from(JSON.stringify(statement)), job: JOB, log: {} })
  writeFileSync(join(cwd, 'app.json'), JSON.stringify(bundle))
  writeFileSync(join(cwd, 'app'), FILE)
  writeFileSync(join(cwd, 'other'), 'something else')
  writeFileSync(join(cwd, 'root.json'), SIGSTORE.trustedRoot().bytes)
})

async function ask(what: string, ...args: readonly string[]): Promise<{ exit: number; said: string }> {
  const { exit, out, err } = await cli(['evidence', 'verify-bundle', '--bundle', 'app.json', ...args, what], { cwd })
  return { exit, said: out + err }
}

test('the protocol of sigstore-conformance: a file, or its digest', async () => {
  expect(verifyBundle.words).toEqual({ least: 1, most: 1 })
  const root = ['--trusted-root', 'root.json']
  expect(await ask('app', ...IDENTITY, ...root)).toMatchObject({ exit: 0, said: expect.stringContaining('verifies') as string })
  expect((await ask(`sha256:${sha256(FILE)}`, ...IDENTITY, ...root)).exit).toBe(0)
  expect(await ask('other', ...IDENTITY, ...root)).toMatchObject({ exit: 1, said: expect.stringContaining('wrong-subject') as string })
  expect(await ask(`sha256:${sha256('')}`, ...IDENTITY, ...root)).toMatchObject({ exit: 1, said: expect.stringContaining('wrong-subject') as string })
  expect(await ask('app', ...IDENTITY)).toMatchObject({ exit: 1, said: expect.stringContaining('no-root') as string })
  const someone = [`--certificate-identity=${JOB[9]}x`, IDENTITY[1] ?? '']
  expect(await ask('app', ...someone, ...root)).toMatchObject({ exit: 1, said: expect.stringContaining('untrusted-signer') as string })
})

test('mistakes are told', async () => {
  expect((await ask('app')).said).toContain('one signer')
  expect((await ask('app', ...IDENTITY, '--key=app')).said).toContain('one signer')
  expect((await ask('app', IDENTITY[0] ?? '')).said).toContain('who issued it')
  expect((await ask('absent', ...IDENTITY)).said).toContain('There is no artifact')
  expect((await cli(['evidence', 'verify-bundle', 'app'], { cwd })).err).toContain('Which bundle?')
})
