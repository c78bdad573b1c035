import { beforeAll, describe, expect, test } from 'vitest'
import { AGENTS } from '../../../agents/index.ts'
import { GATES } from '../../../gates/index.ts'
import { admitRuns } from '../../../app/release/admit.ts'
import type { Effect } from '../../../app/release/ports.ts'
import { reconcile } from '../../../app/release/reconcile.ts'
import { sealEffects } from '../../../app/release/seal-effect.ts'
import { notary } from '../../../evidence/ledger/checkpoint.ts'
import { TRUSTED_ROOT } from '../../../evidence/pack/layout.ts'
import { verifyPack } from '../../../evidence/pack/read.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { generateKeyPair, localKeySigner } from '../../../evidence/sign/local-key.ts'
import type { Origin } from '../../../evidence/model/statement.ts'
import type { Signer } from '../../../evidence/sign/signer.ts'
import { trustOf, trustOfRelease } from '../../../evidence/verify/trust.ts'
import type { TrustedRoot } from '../../../evidence/verify/verifier.ts'
import { healthyHandover, healthyPullRequest, signHandover } from '../../support/evidence.ts'
import { configOf, configText, HEAD, KEY, MERGED, originOf, pullOf, recordOf, REPOSITORY, rolloutOf, rowOf } from '../../support/release.ts'
import { runOf, worldOf, type World } from '../../support/release-ports.ts'
import { jobOf, minutes, NOW, Sigstore } from '../../support/sigstore/instance.ts'

const SIGSTORE = new Sigstore()
const RUN = 55
const P0 = AGENTS.filter((agent) => agent.phase.includes('P0')).map((agent) => agent.topic)
const BELIEVED = [...P0, 'self-test', 'self-test', 'self-test', 'self-test'].toSorted()
const ORIGIN = originOf(RUN)
const PATH = ORIGIN.signer_workflow.split('@')[0] ?? ''

/** The config of a release that trusts a workflow and no key. */
function configWith(digest: string = ORIGIN.signer_digest): ReturnType<typeof configOf> {
  return configOf(configText().replace('trust: { keys: [] }', `trust: { keys: [], workflows: [{ ref: ${PATH}, digest: ${digest} }] }`))
}

/** The same, and another's key, which is all that counts. */
function keysOnly(): ReturnType<typeof configOf> {
  const key = JSON.stringify(generateKeyPair().publicKeyPem)
  return configOf(`${configWith().text.replace('keys: []', `keys: [{ id: other, public_key: ${key} }]`)}evidence: { sign: key }\n`)
}

/** Signs as the job of this origin does: each statement with a certificate of its own job. */
function job(origin: Origin): Signer {
  return { id: 'job', sign: async (payload) => SIGSTORE.keyless({ payload, job: jobOf(origin) }) }
}

let handed: ReturnType<typeof healthyHandover>
beforeAll(() => {
  handed = healthyHandover({ sha: HEAD, pullRequest: healthyPullRequest(), config: configWith().text, now: 0 })
})

async function arrive(of: {
  origin?: Origin
  by?: Origin
  digest?: string
  root?: TrustedRoot | null
  now?: Date
  keysOnly?: boolean
}): Promise<World & { codes: string[]; topics: string[] }> {
  const { origin = ORIGIN, by = origin, root = SIGSTORE.trustedRoot(), now = minutes(NOW, 5) } = of
  const world = worldOf()
  world.now = now.getTime()
  world.runs = [runOf(RUN)]
  world.artifacts.set(RUN, [{ id: 9, name: 'rc-P0-1', size: 1_000, digest: null, expired: false }])
  world.bytes.set(9, await signHandover(handed.handover, handed.files, origin, job(by)))
  const effect: Effect = { kind: 'workflow.dispatch', key: `${KEY}/evidence/1`, workflow: 'release-conductor.yml', ref: 'release/v2.0.0', inputs: {} }
  const ports = root === null ? world.ports : { ...world.ports, root }
  await admitRuns(ports, recordOf(), { outbox: [rowOf(effect, { id: RUN })], config: of.keysOnly === true ? keysOnly() : configWith(of.digest) })
  const topics = (await world.store.evidence(KEY, HEAD)).map(({ evidence }) =>
    evidence.kind === 'agent-response' ? evidence.predicate.topic : evidence.kind,
  )
  const codes = [...new Set((await world.store.rejections(KEY)).map((rejection) => rejection.code))].filter((code) => code !== 'not-covered')
  return { ...world, codes, topics: topics.toSorted() }
}

describe('a job that signs without a key', () => {
  test('is believed as the trusted workflow at its commit', async () => {
    const { codes, topics, store } = await arrive({})
    expect({ codes, topics }).toEqual({ codes: [], topics: BELIEVED })
    const signers = new Set((await store.evidence(KEY, HEAD)).map(({ evidence }) => evidence.signer))
    expect([...signers]).toEqual([`${PATH}@${ORIGIN.signer_digest}`])
  })

  test.each<[string, Parameters<typeof arrive>[0], string]>([
    ['when the operator gave no root', { root: null }, 'no-root'],
    ['of another Sigstore', { root: new Sigstore().trustedRoot() }, 'bad-time'],
    ['at another commit of the workflow', { digest: 'd'.repeat(40) }, 'wrong-workflow'],
    ['in another run than its statement says', { by: originOf(RUN + 1) }, 'wrong-run'],
    ['on a runner of somebody', { origin: originOf(RUN, { runner_environment: 'self-hosted' }) }, 'wrong-runner'],
    ['where the config wants keys', { keysOnly: true }, 'untrusted-signer'],
    ['in the future', { now: minutes(NOW, -10) }, 'bad-time'],
  ])('is not believed %s (T61, T63)', async (_name, of, code) => {
    const { codes, topics } = await arrive(of)
    expect({ codes, topics }).toEqual({ codes: [code], topics: [] })
  })
})

test('the keys of the config count beside the App’s own', () => {
  const { publicKeyPem } = generateKeyPair()
  const config = configOf(configText({ demo: publicKeyPem })).config
  const app = { id: 'app', publicKeyPem: 'x' }
  expect(trustOfRelease(config, undefined, [app])).toEqual({ keys: [app, { id: 'demo', publicKeyPem }], workflows: [], root: null })
})

test('a release without any key of a job is proven, sealed with the root it was checked against, and verified by a stranger', async () => {
  const root = SIGSTORE.trustedRoot()
  const absent = GATES.filter(({ phase }) => phase === 'P1').map(({ id }) => `${id}: { reason: nothing runs in this story, by: "@second" }`)
  const config = `${configWith().text}not_applicable: { ${absent.join(', ')} }\n`
  const world = worldOf({ config, pull: pullOf(healthyPullRequest()) })
  world.now = minutes(NOW, 5).getTime()
  const context = { ...world.context, ports: { ...world.ports, root } }
  const fresh = healthyHandover({ sha: HEAD, pullRequest: healthyPullRequest(), config, now: world.now })
  const look = { repository: REPOSITORY, pull: 3, mode: 'full' as const }
  world.perform = (effect: Effect) => ({ id: effect.kind === 'workflow.dispatch' ? RUN : world.done.length + 200 })
  await reconcile(context, look)
  world.runs = [runOf(RUN)]
  world.artifacts.set(RUN, [{ id: 9, name: 'rc-P0-1', size: 1_000, digest: null, expired: false }])
  world.bytes.set(9, await signHandover(fresh.handover, fresh.files, ORIGIN, job(ORIGIN)))
  await reconcile(context, look)
  world.pull = pullOf({ ...healthyPullRequest(), ...MERGED })
  await reconcile(context, look)
  const found = await world.store.release(KEY)
  expect(found?.state).toBe('merged')
  const record = {
    ...recordOf(),
    ...found,
    data: { ...found?.data, rollout: rolloutOf({ approval: { ...rolloutOf().approval, at: world.now } }), rollouts: 1 },
  }

  const keys = generateKeyPair()
  const key = { id: 'app', publicKeyPem: keys.publicKeyPem }
  const written = new Map<string, Uint8Array>()
  const packs = sealEffects({
    store: Object.assign(Object.create(world.store) as typeof world.store, { release: async () => record }),
    signer: localKeySigner({ id: 'app', privateKeyPem: keys.privateKeyPem }),
    key,
    root,
    notary: notary(keys.privateKeyPem),
    draw: async () => null,
    clock: { now: () => world.now },
    files: {
      path: (_release, seal) => `${seal}.zip`,
      list: async () => [],
      point: async () => {},
      write: async (path, bytes) => void written.set(path, bytes),
      read: async (path) => written.get(path) ?? null,
    },
  })
  await packs.perform({ kind: 'pack.seal', key: `${KEY}/seal/proven/1`, outcome: 'proven' })
  const zip = written.get('1.zip') ?? new Uint8Array()
  expect(readZip(zip).get(TRUSTED_ROOT)).toEqual(new Uint8Array(root.bytes))

  const workflows = [{ ref: PATH, digest: ORIGIN.signer_digest }]
  const stranger = (of: Parameters<typeof trustOf>[0]): boolean =>
    verifyPack({ zip, trust: trustOf({ keys: [key], ...of }), packTrust: trustOf({ keys: [key] }) }).ok
  expect(stranger({ workflows, root })).toBe(true)
  expect(stranger({ workflows })).toBe(false)
  expect(stranger({ root })).toBe(false)
  expect(stranger({ workflows: [{ ref: PATH, digest: 'd'.repeat(40) }], root })).toBe(false)
  expect(stranger({ workflows, root: new Sigstore().trustedRoot() })).toBe(false)
})
