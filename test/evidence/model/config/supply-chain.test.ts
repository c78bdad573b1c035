import { expect, test } from 'vitest'
import { SupplyChainPolicy } from '../../../../evidence/model/config/supply-chain.ts'
import { specimenPublicKey } from '../../../../evidence/sign/specimen.ts'

const WORKFLOW = { workflow: 'acme/shop/.github/workflows/build.yml', digest: 'c'.repeat(40) }
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
