import { expect, test } from 'vitest'
import { specimenBundle, specimenPublicKey } from '../../../evidence/sign/specimen.ts'
import { statementBytes } from '../../../evidence/sign/statement.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { verifyBundle } from '../../../evidence/verify/verify.ts'
import { selfTest, statement } from '../verify/statements.ts'

const BYTES = statementBytes(statement('self-test', selfTest('slo')))
const ask = (bundle: string, number: number) =>
  verifyBundle({ bundle: Buffer.from(bundle), trust: trustOf({ keys: [{ id: 'specimen', publicKeyPem: specimenPublicKey(number) }] }), expect: {} })

test('a specimen has the same bytes for ever, and is signed by its own key alone', () => {
  expect(specimenBundle(3, BYTES)).toBe(specimenBundle(3, BYTES))
  expect(ask(specimenBundle(3, BYTES), 3)).toMatchObject({ signer: 'specimen', kind: 'self-test' })
  const other = ask(specimenBundle(3, BYTES), 4)
  expect(other instanceof EvidenceError ? other.code : 'believed').toBe('untrusted-signer')
})
