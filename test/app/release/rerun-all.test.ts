import { expect, test } from 'vitest'
import { GATES } from '../../../gates/index.ts'
import { gatherFull, NO_NEWS } from '../../../app/release/gather.ts'
import type { Effect, Ports, ReadPort, ReleaseRecord } from '../../../app/release/ports.ts'
import type { Context } from '../../../app/release/reconcile.ts'
import { MemoryStore } from '../../sim/memory-store.ts'
import { CONFIG_COMMIT, configText, HEAD, KEY, NOW, OTHER_HEAD, pullOf, recordOf, SETTINGS } from '../../support/release.ts'
import { checkpointText } from '../../../evidence/ledger/checkpoint.ts'

const clock = { now: () => NOW }

function create(sha: string, gate: string): Effect {
  const key = `${sha}/${gate}`
  return { kind: 'check.create', key, sha, name: `release-conductor/${gate} (main)`, externalId: key, output: { title: '', summary: '' } }
}

async function world(): Promise<{ context: Context; record: ReleaseRecord }> {
  const store = new MemoryStore(clock)
  const lease = await store.lease(`release/${KEY}`, 'test', NOW, 1_000)
  if (lease === null) throw new Error('no lease')
  const record = recordOf()
  const intents = [create(HEAD, 'policy_ci'), create(HEAD, 'hardening'), create(OTHER_HEAD, 'policy_ci')]
  await store.commit({ release: record, expected: null, lease, intents, events: [], verdicts: [] })
  for (const [at, { key }] of intents.entries()) {
    await store.start(key, lease)
    await store.settle(key, { outcome: { id: 100 + at } }, [])
  }
  const read: Partial<ReadPort> = {
    pull: async () => pullOf(),
    file: async () => ({ text: configText(), commit: CONFIG_COMMIT }),
    comments: async () => [],
    runs: async () => [],
    run: async () => null,
    artifacts: async () => [],
  }
  const ports = { store, notary: { sign: checkpointText }, clock, read, log: { info() {}, warn() {}, error() {} } } as unknown as Ports
  return { context: { ports, gates: GATES, settings: SETTINGS, owner: 'test' }, record }
}

test.each([
  ['nothing', [], [], []],
  ['one check run', [101], [], ['hardening']],
  ['all of the head', [], [HEAD], ['policy_ci', 'hardening']],
  ['all of a commit that is no longer the head', [], [OTHER_HEAD], []],
])('asked to run again: %s', async (_, checkRuns, commits, gates) => {
  const { context, record } = await world()
  expect((await gatherFull(context, record, { ...NO_NEWS, rerequested: checkRuns, rerequestedAll: commits })).full?.rerequested).toEqual(gates)
})
