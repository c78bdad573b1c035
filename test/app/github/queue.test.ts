import { expect, test } from 'vitest'
import { writeQueue } from '../../../app/github/queue.ts'

test('in order, one at a time, and a failure does not stop the next', async () => {
  const queue = writeQueue(0)
  const log: string[] = []
  const first = Promise.withResolvers<string>()
  const one = queue.run(1, async () => {
    log.push('one starts')
    const said = await first.promise
    log.push('one ends')
    return said
  })
  const two = queue.run(1, async () => {
    log.push('two')
    throw new Error('no')
  })
  const three = queue.run(1, async () => {
    log.push('three')
    return 3
  })
  expect(await queue.run(2, async () => log.push('other'))).toBeGreaterThan(0)
  expect(log).toEqual(['one starts', 'other'])
  first.resolve('done')
  expect(await one).toBe('done')
  await expect(two).rejects.toThrow('no')
  expect(await three).toBe(3)
  expect(log).toEqual(['one starts', 'other', 'one ends', 'two', 'three'])
})
