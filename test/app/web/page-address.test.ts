import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { pageAddresses } from '../../../app/web/page-address.ts'
import { pictureAddresses } from '../../../app/web/picture-address.ts'

const addresses = pageAddresses('a key')

test('an address is read back as the release it was given out for', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (repository, pull) => {
      const release = `${repository}#${pull}`
      expect(addresses.read(addresses.pathOf(release))).toEqual({ release, part: 'page', number: null })
      for (const part of ['live', 'act']) expect(addresses.read(`${addresses.pathOf(release)}/${part}`)).toEqual({ release, part, number: null })
      expect(addresses.read(`${addresses.pathOf(release)}/ledger/17`)).toEqual({ release, part: 'ledger', number: 17 })
      for (const other of ['ledger', 'ledger/', 'ledger/0', 'ledger/01', 'ledger/1/', 'live/1', 'ledger/1000000'])
        expect(addresses.read(`${addresses.pathOf(release)}/${other}`)).toBeNull()
    }),
  )
})

test('nobody can make one: another key, another release, a changed token, the token of a picture', () => {
  const path = addresses.pathOf('7#3')
  expect(pageAddresses('another key').read(path)).toBeNull()
  expect(addresses.read(path.replace('7-3', '7-4'))).toBeNull()
  expect(addresses.read(path.replace(/.$/, (last) => (last === '0' ? '1' : '0')))).toBeNull()
  const picture = /[0-9a-f]{64}/.exec(pictureAddresses('a key').pathOf({ release: '7#3', rollout: 1, step: 1 }, 0))?.[0] ?? ''
  expect(addresses.read(`/releases/7-3/${picture}`)).toBeNull()
  fc.assert(
    fc.property(fc.string(), (any) => {
      expect(addresses.read(`/releases/7-3/${any}`)).toBeNull()
    }),
  )
})
