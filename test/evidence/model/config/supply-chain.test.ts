import { expect, test } from 'vitest'
import { SupplyChainPolicy } from '../../../../evidence/model/config/supply-chain.ts'
import { specimenPublicKey } from '../../../../evidence/sign/specimen.ts'

const WORKFLOW = { workflow: 'acme/shop/.github/workflows/build.yml', digest: 'c'.repeat(40) }
const allows = (rule: string) =>
  SupplyChainPolicy.safeParse({ exceptions: [{ rule, subject: 'pom.xml', owner: '@a/b', reason: 'not shipped', until: '2027-01-31' }] }).success
const artifact = (signed_by: object, name = 'shop.tgz') => ({ artifacts: [{ name, signed_by }] })

test('nothing is required, and the defaults are strict', () => {
  expect(SupplyChainPolicy.parse({})).toEqual({
    lockfiles: [],
    registries: [],
    folder: 'supply-chain',
    max_age: '7d',
    max_database_age: '7d',
    licences: { allow: [], deny: [], dev: false },
    artifacts: [],
    exceptions: [],
  })
})

test('of findings about lock files those may stand until a day that name what nobody looks into, and no other', () => {
  expect(['lock.unsupported', 'lock.missing', 'lock.unpinned', 'lock.empty'].map(allows)).toEqual([true, true, true, true])
  expect(['lock.disagrees', 'lock.unreadable', 'lock.absent', 'sbom.missing'].map(allows)).toEqual([false, false, false, false])
})

test('an artifact is signed by one key, or by one workflow at one commit', () => {
  for (const by of [{ public_key: specimenPublicKey(1) }, WORKFLOW]) expect(SupplyChainPolicy.safeParse(artifact(by)).success).toBe(true)
  for (const by of [
    {},
    { workflow: WORKFLOW.workflow },
    { digest: WORKFLOW.digest },
    { public_key: specimenPublicKey(1), ...WORKFLOW },
    { public_key: 'x' },
  ])
    expect([by, SupplyChainPolicy.safeParse(artifact(by)).success]).toEqual([by, false])
  const twice = [...artifact(WORKFLOW).artifacts, ...artifact(WORKFLOW).artifacts]
  expect(SupplyChainPolicy.safeParse({ artifacts: twice }).success).toBe(false)
})
