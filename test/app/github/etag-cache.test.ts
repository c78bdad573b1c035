import { expect, test } from 'vitest'
import { EtagCache } from '../../../app/github/etag-cache.ts'

const answer = (bytes: number) => ({ etag: '"1"', data: bytes, link: undefined, bytes })

test('the least recently used goes first, by count and by bytes', () => {
  const cache = new EtagCache(2, 100)
  cache.set('a', answer(10))
  cache.set('b', answer(10))
  cache.get('a')
  cache.set('c', answer(10))
  expect([cache.get('a')?.data, cache.get('b'), cache.get('c')?.data]).toEqual([10, undefined, 10])
  cache.set('d', answer(95))
  expect([cache.get('a'), cache.get('c'), cache.get('d')?.data]).toEqual([undefined, undefined, 95])
  expect(cache.size).toBe(1)
})

test('what is larger than the whole is not kept, and replaces what it stood for', () => {
  const cache = new EtagCache(2, 100)
  cache.set('a', answer(10))
  cache.set('a', answer(101))
  expect(cache.get('a')).toBeUndefined()
  cache.set('a', answer(100))
  expect(cache.size).toBe(1)
})
