import { expect, test } from 'vitest'
import { isSafePath } from '../../../evidence/core/path.ts'
import * as layout from '../../../evidence/pack/layout.ts'
import { isBundlePath } from '../../../evidence/verify/signed-pack.ts'

const MADE = [
  layout.attestationPath('agent-response', 'images'),
  layout.attestationPath('rollout-event', 'prod', 10, 12, 1),
  layout.verdictPath('all_required_gates'),
  layout.inputPath('a'.repeat(64)),
  layout.seriesPath('prod', 10),
  layout.chartPath('prod', 10),
  layout.sbomPath('shop', 'spdx'),
  layout.sbomPath('shop', 'cdx'),
  layout.probePath('golden'),
  layout.policyPath('a'.repeat(64)),
  ...layout.PERF,
  ...layout.MIGRATIONS,
  ...layout.IDENTITY,
  ...layout.DISASTER_RECOVERY,
  layout.MANIFEST,
  layout.MANIFEST_SIGNATURE,
  layout.LEDGER,
]

test.each(MADE)('%s is a safe path of the layout', (path) => {
  expect([layout.isLayoutPath(path), isSafePath(path)]).toEqual([true, true])
})

test.each(['', 'x', 'manifest.json.bak', 'attestations/deep/x.sigstore.json', 'inputs/x', 'verdicts/x.txt', 'ci/commit_lint.json', 'slo/a/b.json'])(
  '%j is none',
  (path) => {
    expect(layout.isLayoutPath(path)).toBe(false)
  },
)

test('the names are the ones SPEC 7 and the jobs use', () => {
  expect(layout.attestationPath('agent-response', 'images')).toBe('attestations/agent-response-images.sigstore.json')
  expect(layout.attestationPath('rollout-event', 'prod', 10)).toBe('attestations/rollout-event-prod-10.sigstore.json')
  expect(isBundlePath(layout.attestationPath('self-test', 'policy_ci'))).toBe(true)
  expect(layout.packPath('v2.0.0')).toBe('artifacts/release/v2.0.0/evidence.zip')
})
