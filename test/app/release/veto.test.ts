import { expect, test } from 'vitest'
import { Draft } from '../../../app/release/draft.ts'
import type { FullFacts } from '../../../app/release/facts.ts'
import { veto } from '../../../app/release/veto.ts'
import { configOf, configText, fullOf, MERGED, NOW, OTHER_HEAD, pullOf, recordOf, rolloutOf, rowOf, verdictsOf } from '../../support/release.ts'

const FULL = fullOf({ pull: pullOf(MERGED) })
const SEAL = rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null })
const EQUAL = { ...FULL, config: configOf(configText().replace('"support/*"]', '"support/*"], accept_equal_tree: true')) }

function asked(full: FullFacts | null, data: Parameters<typeof recordOf>[1] = {}, sealed = true): string | null {
  return veto(new Draft(recordOf({ state: 'merged' }, data), new Map(sealed ? [[SEAL.key, SEAL]] : [])), full)
}

test('a merged, proven, sealed release that nobody holds may advance', () => {
  expect(asked(FULL)).toBeNull()
  expect(asked(FULL, { rollout: rolloutOf() })).toBeNull()
})

test.each<[string, string | null, RegExp]>([
  ['a hold', asked(FULL, { held: { from: 'canary', reason: 'the vendor', owner: 'second', at: NOW } }), /^held by second: the vendor$/],
  ['facts that were not read', asked(null), /not read again/],
  ['a config that cannot be read', asked({ ...FULL, config: { ok: false, code: 'config.absent', message: 'there is none' } }), /there is none/],
  ['no merge', asked(fullOf()), /not merged/],
  [
    'another head',
    asked({ ...FULL, pull: pullOf({ ...MERGED, head: { ref: 'release/v2.0.0', sha: OTHER_HEAD, repositoryId: 7 } }) }),
    /not the proven commit/,
  ],
  ['what nobody knows of the merge', asked({ ...FULL, landed: null }), /not known yet/],
  ['a squash of the same tree', asked({ ...FULL, landed: { commit: '9'.repeat(40), as: 'equal-tree' } }), /command\.other-commit.*accept_equal_tree/],
  ['a squash of another tree', asked({ ...EQUAL, landed: { commit: '9'.repeat(40), as: 'other' } }), /another tree.*command\.other-commit/],
  ['a decision that is not sealed', asked(FULL, { rollout: rolloutOf() }, false), /not sealed/],
  ['a red gate', asked({ ...FULL, verdicts: verdictsOf('fail') }), /all_required_gates is fail: it is not there/],
  ['an unproven gate', asked({ ...FULL, verdicts: verdictsOf('indeterminate') }), /is indeterminate/],
  ['a gate that is not applicable', asked({ ...FULL, verdicts: verdictsOf('not_applicable') }), /is not_applicable/],
  ['no verdict at all', asked({ ...FULL, verdicts: [] }), /is absent: no verdict/],
])('%s forbids it, in words', (_what, answer, why) => {
  expect(answer).toMatch(why)
})

test('a squash of the same tree is let through where the config accepts it, and a rollout that began before this was asked goes on', () => {
  expect(asked({ ...EQUAL, landed: { commit: '9'.repeat(40), as: 'equal-tree' } })).toBeNull()
  expect(asked({ ...FULL, landed: null }, { rollout: rolloutOf() })).toBeNull()
})

test('a broken glass, which alone waives the gate over gates, forbids nothing', () => {
  expect(asked({ ...FULL, verdicts: verdictsOf('waived') })).toBeNull()
})
