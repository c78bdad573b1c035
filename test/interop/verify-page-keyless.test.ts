/** docs/verify.md on a pack whose jobs signed without a key, and whose manifest stands in a log: its commands, with nothing else on the path. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localKeySigner } from '../../evidence/sign/local-key.ts'
import { KEYS } from '../evidence/verify/statements.ts'
import { ended, tool, type Ended } from '../support/tools.ts'
import { keylessPack, SIGNED_BY, type KeylessPack } from './keyless-pack.ts'
import { blocksOf, pathOf, SHELL } from './page.ts'
import { missingServer, startSigstore, type SigstoreServers } from './sigstore-servers.ts'

const TOOLS = ['unzip', 'sha256sum', 'cosign', 'python3'] as const
const ALL = missingServer() !== null || TOOLS.some((name) => tool(name) === null) ? null : TOOLS

describe.skipIf(ALL === null)('the page for auditors, without keys (skipped where a server of Sigstore or a tool of the page is absent)', () => {
  let servers: SigstoreServers
  let folder = ''
  let bin = ''
  let script = ''
  let pack: KeylessPack
  let runs = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verify-keyless-'))
    servers = await startSigstore()
    bin = await pathOf(folder, TOOLS)
    const steps = await blocksOf('verify')
    const withKeys = steps.findIndex((block) => block.includes('--key "$who.pub"'))
    const [keyless = 'exit 9'] = await blocksOf('keyless')
    const [logged = 'exit 9'] = await blocksOf('logged')
    script = join(folder, 'page.sh')
    await writeFile(script, ['set -eu', ...steps.with(withKeys, keyless), logged].join('\n'))
    pack = await keylessPack(servers)
  })

  afterAll(async () => {
    await servers.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function follow(
    { zip, logged }: KeylessPack,
    of: { readonly workflow?: string; readonly issuer?: string; readonly root?: string } = {},
  ): Promise<Ended> {
    const place = join(folder, String((runs += 1)))
    await mkdir(place)
    await writeFile(join(place, 'evidence.zip'), zip)
    await writeFile(join(place, 'evidence.sigstore.json'), logged)
    await writeFile(join(place, 'trusted_root.json'), of.root ?? servers.trustedRoot)
    await writeFile(join(place, 'app.pub'), KEYS.publicKeyPem)
    const env = { WORKFLOW: of.workflow ?? SIGNED_BY, ISSUER: of.issuer ?? servers.issuer }
    return ended(SHELL, [script], { cwd: place, env: { ...env, PATH: bin, HOME: place } })
  }

  test('a good pack holds, and says where it stands in the log', async () => {
    const { code, out, err } = await follow(pack)
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('v2.0.0 of acme/shop')
    expect(out).toMatch(/entry \d+ of rekor\.test, proven in its tree of \d+\n$/)
  })

  test('the manifest needs no timestamp', async () => {
    const by = localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem })
    expect((await follow(await keylessPack(servers, { by }))).code).toBe(0)
  })

  test.each([
    ['another workflow', { workflow: `${SIGNED_BY}0` }, 'expected SAN value'],
    ['another issuer', { issuer: 'https://token.actions.githubusercontent.com' }, 'expected issuer value'],
  ])('with %s it does not hold', async (_name, of, said) => {
    const { code, err } = await follow(pack, of)
    expect(code).not.toBe(0)
    expect(err).toContain(said)
  })

  test.each([
    ['certificateAuthorities', /leaf certificate verification failed/],
    ['timestampAuthorities', /threshold not met for verified signed timestamps/],
    ['ctlogs', /only able to verify 0 SCT/],
    ['tlogs', /not enough verified log entries/],
  ])('with a root without %s it does not hold', async (member, said) => {
    const root = JSON.parse(Buffer.from(servers.trustedRoot).toString()) as Record<string, unknown>
    const { code, err } = await follow(pack, { root: JSON.stringify({ ...root, [member]: [] }) })
    expect(code).not.toBe(0)
    expect(err).toMatch(said)
  })

  test.each([
    ['repository', { repository: 'evil/shop' }, /evil\/shop/],
    ['commit', { sha: 'e'.repeat(40) }, /eeee/],
    ['ref', { ref: 'refs/pull/1/merge' }, /refs\/pull\/1\/merge/],
    ['trigger', { event_name: 'pull_request' }, /pull_request/],
  ] as const)('signed by a run of another %s than it says, it does not hold', async (_name, claims, said) => {
    const { code, err } = await follow(await keylessPack(servers, { claims }))
    expect(code).not.toBe(0)
    expect(err).toMatch(said)
  })

  test('with the entry of another pack, or with none, it does not hold', async () => {
    const { logged } = await keylessPack(servers)
    const none = JSON.parse(Buffer.from(pack.logged).toString()) as { verificationMaterial: object }
    Object.assign(none.verificationMaterial, { tlogEntries: [] })
    for (const [bytes, said] of [
      [logged, /digests do not match|another signature/],
      [Buffer.from(JSON.stringify(none)), /not enough verified log entries/],
    ] as const) {
      const { code, err } = await follow({ ...pack, logged: bytes })
      expect(code).not.toBe(0)
      expect(err).toMatch(said)
    }
  })
})
