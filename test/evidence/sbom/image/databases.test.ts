import { describe, expect, test } from 'vitest'
import { debPackages, distributionOf } from '../../../../evidence/sbom/image/databases.ts'
import { encode } from '../locks.ts'

const release = (text: string) => new Map([['etc/os-release', encode(text)]])

describe('which distribution', () => {
  test.each([
    ['ID=debian\nVERSION_ID="12"\n', { id: 'debian', release: 'debian-12' }],
    ["ID='alpine'\nVERSION_ID=3.19.1", { id: 'alpine', release: 'alpine-3.19.1' }],
    ['ID=arch\n', { id: 'arch', release: undefined }],
    ['ID="no/name"\nVERSION_ID=1\n', { id: '', release: undefined }],
    ['', { id: '', release: undefined }],
  ])('%j', (text, expected) => {
    expect(distributionOf(release(text))).toEqual(expected)
  })
})

test('an entry without a version, or with a name that is none, is told and not taken', () => {
  const status =
    'Package: a\nStatus: install ok installed\n\nPackage: b c\nVersion: 1\nStatus: install ok installed\n\nPackage: d\nVersion: 1\nStatus: install ok installed\n'
  const { nodes, remarks } = debPackages(new Map([['var/lib/dpkg/status', encode(status)]]), { id: 'debian', release: undefined })
  expect(nodes.map(({ purl }) => purl)).toEqual(['pkg:deb/debian/d@1'])
  expect(remarks).toEqual([{ code: 'unread', about: '2 entries of the deb database' }])
})
