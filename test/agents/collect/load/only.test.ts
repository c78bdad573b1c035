import { BlockList, isIP } from 'node:net'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { allBut } from '../../../../agents/collect/load/only.ts'

/** Those of the family of the address, for Node looks for IPv4 among the ranges of IPv6, too; k6 does not. */
function holds(ranges: readonly string[], address: string): boolean {
  const list = new BlockList()
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  for (const range of ranges) {
    const [network = '', width] = range.split('/')
    if (isIP(network) === isIP(address)) list.addSubnet(network, Number(width), family)
  }
  return list.check(address, family)
}

const same = (one: string, other: string) => {
  const list = new BlockList()
  list.addAddress(one, isIP(one) === 6 ? 'ipv6' : 'ipv4')
  return list.check(other, isIP(other) === 6 ? 'ipv6' : 'ipv4')
}

test('every address but one, of both families', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { minLength: 5 }), (address, others) => {
      const ranges = allBut(address)
      expect(holds(ranges, address)).toBe(false)
      expect(others.filter((other) => !holds(ranges, other) && !same(address, other))).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('the neighbours of an address are others', () => {
  const ranges = allBut('10.0.0.7')
  expect(['10.0.0.6', '10.0.0.8', '127.0.0.1', '0.0.0.0', '255.255.255.255', '::1'].map((one) => holds(ranges, one))).toEqual(Array(6).fill(true))
  expect(allBut('10.0.0.7')).toContain('10.0.0.6/32')
  expect(allBut('::1')).toContain('0.0.0.0/0')
})

test('of what is no address nothing is let through', () => {
  expect(allBut('stage.shop.example')).toEqual(['0.0.0.0/0', '::/0'])
})
