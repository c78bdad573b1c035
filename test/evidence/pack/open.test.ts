import { beforeAll, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { openPack } from '../../../evidence/pack/open.ts'
import { worstOf, type Replayed } from '../../../evidence/pack/replayed.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { STRANGER, TRUST } from '../verify/statements.ts'
import { goldenInputs, seal } from './golden.ts'

let files: ReadonlyMap<string, Uint8Array>
beforeAll(async () => void (files = readZip((await seal(await goldenInputs())).zip)))

const kinds = (pack: ReturnType<typeof openPack>): string[] => (pack?.statements ?? []).map(({ kind }) => kind).toSorted()

test('a pack opens into what can be believed of it', () => {
  const pack = openPack({ files, trust: TRUST })
  expect(kinds(pack)).toEqual(
    ['agent-response', 'checkpoint', 'rollout-event', 'rollout-event', 'self-test', 'self-test', 'verdict', 'verdict'].filter(
      (kind) => kind !== 'checkpoint',
    ),
  )
  expect(pack).toMatchObject({ manifest: { version: 'v2.0.0' }, goNoGo: { decision: 'go' }, config: { digest: sha256('version: 1\n'), value: null } })
  expect([pack?.ledger.length, pack?.verdicts.size, pack?.series.size]).toEqual([7, 2, 2])
})

test('what only the App states is believed from the App alone', () => {
  const other = trustOf({ keys: [{ id: 'app', publicKeyPem: STRANGER.publicKeyPem }] })
  expect(kinds(openPack({ files, trust: TRUST, packTrust: other }))).toEqual([
    'agent-response',
    'rollout-event',
    'rollout-event',
    'self-test',
    'self-test',
  ])
  expect(kinds(openPack({ files, trust: other, packTrust: TRUST }))).toEqual(['verdict', 'verdict'])
})

test('without a manifest there is nothing to go by; other files may be missing or broken', () => {
  expect(openPack({ files: new Map(), trust: TRUST })).toBeNull()
  expect(openPack({ files: new Map([['manifest.json', Buffer.from('{}')]]), trust: TRUST })).toBeNull()
  const broken = new Map(files).set('audit/ledger.jsonl', Buffer.from('{')).set('go_no_go.json', Buffer.from('[]'))
  broken.delete('config.yml')
  expect(openPack({ files: broken, trust: TRUST })).toMatchObject({ ledger: [], goNoGo: null, config: { value: null } })
})

test.each<[Replayed['result'][], string]>([
  [['same', 'same'], 'same'],
  [['same', 'not-computed'], 'same'],
  [['same', 'indeterminate'], 'indeterminate'],
  [['indeterminate', 'differs', 'same'], 'differs'],
  [[], 'indeterminate'],
  [['not-computed'], 'indeterminate'],
])('%j together are %s', (results, worst) => {
  expect(worstOf(results.map((result) => ({ subject: '', packed: null, recomputed: null, result, differences: [], why: '' })))).toBe(worst)
})
