import { expect, test } from 'vitest'
import { EVIDENCE_CODES } from '../../../evidence/verify/error.ts'
import { text } from '../../structure/tree.ts'

test('every code stands in docs/evidence.md with its meaning', () => {
  const page = text('docs/evidence.md')
  expect(Object.entries(EVIDENCE_CODES).filter(([code, meaning]) => !page.includes(`| \`${code}\` | ${meaning} |`))).toEqual([])
})
