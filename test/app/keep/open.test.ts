import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openArchive } from '../../../app/keep/open.ts'
import { shopOf } from '../cli/evidence/keeping.ts'

test('an archive is opened from the operator file alone: no webhook secret, no GitHub key', async () => {
  const { cwd, now } = await shopOf()
  const archive = openArchive(join(cwd, 'operator.yml'), { now: () => now })
  expect([...archive.keepers.keys()]).toEqual(['artifacts', 'github-release', 'archive', 'copy'])
  expect(archive.people.map((person) => person.id)).toEqual(['alice', 'bob', 'carol'])
  expect(archive.elevated).toContain('identity/**')
  expect(archive.key).toMatchObject({ id: 'app', publicKeyPem: expect.stringContaining('PUBLIC KEY') })
  expect(archive.folder).toBe(join(cwd, 'artifacts', 'retention'))
})

test.each([
  ['a person without a key file', (text: string) => text.replace('alice.pub', 'nowhere.pub'), 'unreadable'],
  ['a store with a name that is taken', (text: string) => text.replace('  copy:', '  artifacts:'), 'invalid'],
  ['a store of no kind', (text: string) => text.replace('kind: directory, path: copy', 'kind: tape, path: copy'), 'invalid'],
  ['nothing elevated', (text: string) => `${text}  elevated: []\n`, 'invalid'],
])('%s is told', async (_what, spoil, code) => {
  const { cwd, now } = await shopOf()
  const path = join(cwd, 'operator.yml')
  writeFileSync(path, spoil(readFileSync(path, 'utf8')))
  expect(() => openArchive(path, { now: () => now })).toThrow(expect.objectContaining({ name: 'OperatorError', code }))
})

const BUCKET = (over = '') =>
  `  bucket: { kind: s3, endpoint: "https://s3.example.com", region: eu-central-1, bucket: evidence, key_id: { env: S3_ID }, secret: { file: s3.secret }${over} }\n`

async function openedWith(line: string, environment: Record<string, string> = { S3_ID: 'AKID' }) {
  const { cwd, now } = await shopOf()
  const path = join(cwd, 'operator.yml')
  writeFileSync(path, readFileSync(path, 'utf8').replace('retention:\n', `${line}retention:\n`))
  writeFileSync(join(cwd, 's3.secret'), 'a-secret-of-the-test\n')
  return () => openArchive(path, { now: () => now }, environment)
}

describe('a bucket', () => {
  test('takes its key from files or variables, and its secret is told to whoever prints', async () => {
    const archive = (await openedWith(BUCKET()))()
    expect(archive.keepers.get('bucket')).toMatchObject({ kind: 's3', takesAnything: true })
    expect(archive.secrets).toEqual(['a-secret-of-the-test'])
  })

  test.each([
    ['plain http', BUCKET().replace('https:', 'http:'), /https address, or allow_http/],
    ['a metadata address', BUCKET().replace('s3.example.com', '169.254.169.254'), /no address a store may have/],
    ['a password in the address', BUCKET().replace('s3.example.com', 'a:b@s3.example.com'), /https address/],
    ['no key', BUCKET().replace('key_id: { env: S3_ID }, ', ''), /stores/],
    ['a secret that stands in the file', BUCKET().replace('{ file: s3.secret }', 'abcdef'), /stores/],
    ['an odd prefix', BUCKET(', prefix: "../"'), /stores/],
    ['an odd mode', BUCKET(', mode: forever'), /stores/],
  ])('%s is refused', async (_what, line, why) => {
    expect(await openedWith(line)).toThrow(why)
  })

  test('http is taken on this machine, or when the operator says so', async () => {
    expect(await openedWith(BUCKET().replace('https://s3.example.com', 'http://127.0.0.1:7070'))).not.toThrow()
    expect(await openedWith(BUCKET(', allow_http: true').replace('https:', 'http:'))).not.toThrow()
  })

  test('a variable that is not set is told by its name', async () => {
    expect(await openedWith(BUCKET(), {})).toThrow(/stores\.bucket\.key_id: S3_ID is empty/)
  })
})
