import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { pictureAddresses } from '../../../app/web/picture-address.ts'

const OF = { release: '7#3', rollout: 2, step: 50 }
const addresses = pictureAddresses('a key')
const pathOf = (of = OF): string => addresses.pathOf(of, 1).split('?')[0] ?? ''

test('an address is read back as what it shows, whatever moment it was given out for', () => {
  expect(addresses.pathOf(OF, 1_800_000_000_000)).toMatch(/^\/pictures\/7-3\/2\/50\/[0-9a-f]{64}\.png\?at=1800000000000$/)
  expect(addresses.read(pathOf())).toEqual(OF)
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat({ max: 999_999 }), fc.integer({ min: 1, max: 100 }), (repository, pull, rollout, step) => {
      const of = { release: `${repository}#${pull}`, rollout, step }
      expect(addresses.read(pathOf(of))).toEqual(of)
    }),
  )
})

test('what was measured of an objective has an address of its own', () => {
  const of = { release: '7#3', series: 'c'.repeat(64) }
  const path = addresses.pathOf(of, 0).split('?')[0] ?? ''
  expect(path).toMatch(/^\/pictures\/7-3\/objective\/c{64}\/[0-9a-f]{64}\.png$/)
  expect(addresses.read(path)).toEqual(of)
  expect(addresses.read(path.replace('c'.repeat(64), 'd'.repeat(64)))).toBeNull()
  expect(addresses.read(path.replace('7-3', '7-4'))).toBeNull()
})

test('nobody can make one: another key, another step, a changed token', () => {
  expect(pictureAddresses('another key').read(pathOf())).toBeNull()
  expect(addresses.read(pathOf().replace('/50/', '/10/'))).toBeNull()
  expect(addresses.read(pathOf().replace('7-3', '7-4'))).toBeNull()
  const token = /[0-9a-f]{64}/.exec(pathOf())?.[0] ?? ''
  for (let at = 0; at < token.length; at++) {
    const other = `${token.slice(0, at)}${token[at] === '0' ? '1' : '0'}${token.slice(at + 1)}`
    expect(addresses.read(pathOf().replace(token, other))).toBeNull()
  }
})

test.each(['/pictures/', '/pictures/7-3/2/50/.png', '/pictures/../../etc/passwd', '/pictures/7-3/2/50/zz.png', '/x', ''])('%s is none', (path) => {
  expect(addresses.read(path)).toBeNull()
  fc.assert(
    fc.property(fc.string(), (any) => {
      expect(addresses.read(`/pictures/${any}`)).toBeNull()
    }),
  )
})
