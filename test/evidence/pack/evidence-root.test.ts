import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { EvidenceKind } from '../../../evidence/model/kinds.ts'
import { evidenceRoot, planId, type Plan } from '../../../evidence/pack/evidence-root.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)

const keys = (refs: readonly { kind: string; digest: string }[]): string => [...new Set(refs.map((one) => one.kind + one.digest))].toSorted().join()

describe('the evidence root', () => {
  test('is SHA-256 over the sorted list in RFC 8785 form', () => {
    const list = `[["agent-response","${A}"],["agent-response","${B}"],["self-test","${A}"]]`
    expect(
      evidenceRoot([
        { kind: 'self-test', digest: A },
        { kind: 'agent-response', digest: B },
        { kind: 'agent-response', digest: A },
      ]),
    ).toBe(sha256(list))
    expect(evidenceRoot([])).toBe(sha256('[]'))
  })

  test('is made of six kinds; the others agree to it or follow from it', () => {
    const counted = EvidenceKind.options.filter((kind) => evidenceRoot([{ kind, digest: A }]) !== evidenceRoot([]))
    expect(counted.toSorted()).toEqual(['agent-response', 'provenance', 'sbom', 'self-test', 'test-result', 'waiver'])
  })

  test('forgets order and repetition, and nothing else', () => {
    const ref = fc.record({ kind: fc.constantFrom('agent-response' as const, 'waiver' as const), digest: fc.constantFrom(A, B, 'c'.repeat(64)) })
    fc.assert(
      fc.property(fc.array(ref, { maxLength: 6 }), fc.array(ref, { maxLength: 6 }), (one, other) => {
        expect(evidenceRoot([...one, ...one].toReversed())).toBe(evidenceRoot(one))
        expect(evidenceRoot(one) === evidenceRoot(other)).toBe(keys(one) === keys(other))
      }),
    )
  })
})

describe('the plan id', () => {
  const plan: Plan = {
    version: 'v2.0.0',
    repositoryId: 1,
    head: 'a'.repeat(40),
    base: 'b'.repeat(40),
    environment: 'prod',
    step: 10,
    gates: [
      { gate: 'policy_ci', verdict: A },
      { gate: 'hardening', verdict: B },
    ],
    policyDigest: A,
    evidenceRoot: B,
    schemaRange: null,
    deployed: { shop: 'sha256:1' },
  }

  test('is 32 hex digits, and the same for the same plan in any order', () => {
    expect(planId(plan)).toMatch(/^[0-9a-f]{32}$/)
    expect(planId({ ...plan, gates: plan.gates.toReversed() })).toBe(planId(plan))
  })

  test('moves with anything an approver was shown', () => {
    const moved: readonly Partial<Plan>[] = [
      { version: 'v2.0.1' },
      { repositoryId: 2 },
      { head: 'c'.repeat(40) },
      { base: 'c'.repeat(40) },
      { head: plan.base, base: plan.head },
      { environment: 'stage' },
      { step: 50 },
      { gates: plan.gates.slice(1) },
      { gates: [] },
      { gates: plan.gates.map(({ gate }) => ({ gate, verdict: A })) },
      { policyDigest: B },
      { evidenceRoot: A },
      { schemaRange: '1..2' },
      { deployed: {} },
      { deployed: { shop: 'sha256:2' } },
    ]
    const ids = [plan, ...moved.map((change) => ({ ...plan, ...change }))].map(planId)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
