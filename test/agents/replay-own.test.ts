import { expect, test } from 'vitest'
import { replayOwn } from '../../agents/replay-own.ts'
import { specimen } from '../../gates/specimen.ts'

test('a record that is none is no record', () => {
  const { predicate } = specimen({ gate: 'slo', topic: 'board', phase: 'P0', metrics: {}, thresholds: {}, n: 1, findings: [] })
  const artifact = { path: `inputs/${'a'.repeat(64)}`, sha256: 'a'.repeat(64), sig: null, type: 'evidence' as const }
  const packed = { ...predicate, response: { ...predicate.response, artifacts: [artifact] } }
  for (const text of ['{', '{}', '{"kind":"policy","value":{}}'])
    expect(replayOwn(new Map([[artifact.path, Buffer.from(text)]]), packed)).toMatchObject({ result: 'indeterminate', differences: [] })
})
