import { expect, test } from 'vitest'
import { readDocument, readDocuments } from '../../../evidence/pack/contents.ts'
import { documentBytes, GoNoGo } from '../../../evidence/pack/documents.ts'
import type { PackError } from '../../../evidence/pack/error.ts'
import { verdict } from '../verify/statements.ts'
import { goNoGo } from './golden.ts'

test('a document is read when it is the canonical form of its schema, and named when not', () => {
  expect(readDocument('go_no_go.json', documentBytes(goNoGo()), GoNoGo)).toEqual(goNoGo())
  for (const bytes of [
    Buffer.from(''),
    Buffer.from('{}'),
    Buffer.from(`${Buffer.from(documentBytes(goNoGo())).toString()}\n`),
    Uint8Array.from([0xff]),
  ])
    expect(readDocument('go_no_go.json', bytes, GoNoGo)).toMatchObject({ code: 'document', path: 'go_no_go.json' })
})

test('what is absent is null without a fault; what does not fit is null with one', () => {
  const errors: PackError[] = []
  const files = new Map([
    ['verdicts/policy_ci.json', documentBytes(verdict())],
    ['verdicts/hardening.json', Buffer.from('{}')],
    ['slo/economics.json', Buffer.from('not a series')],
  ])
  const read = readDocuments(files, errors)
  expect([read.goNoGo, read.selfTests, [...read.verdicts.keys()], read.series.size]).toEqual([null, null, ['verdicts/policy_ci.json'], 0])
  expect(errors.map((error) => error.path)).toEqual(['verdicts/hardening.json'])
})
