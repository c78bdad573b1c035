import { expect, test } from 'vitest'
import { isLicenceExpression, licenceRefs } from '../../../evidence/sbom/licence.ts'

test.each([
  'MIT',
  '(MIT OR Apache-2.0) AND ISC',
  'GPL-2.0+',
  'GPL-2.0-only WITH Classpath-exception-2.0',
  'LicenseRef-x',
  'DocumentRef-d:LicenseRef-x',
])('%s', (text) => {
  expect(isLicenceExpression(text)).toBe(true)
})

test.each(['', ' MIT', 'mit OR', 'MIT or ISC', 'MIT AND', 'Foo', 'MIT, ISC', 'UNLICENSED', 'NOASSERTION', '('.repeat(900), 'MIT OR '.repeat(200)])(
  'not %j',
  (text) => {
    expect(isLicenceExpression(text)).toBe(false)
  },
)

test('names that stand for a text of the same document', () => {
  expect(licenceRefs('(MIT OR LicenseRef-a-1) AND DocumentRef-d:LicenseRef-b AND LicenseRef-c')).toEqual(['LicenseRef-a-1', 'LicenseRef-c'])
})
