import { expect, test } from 'vitest'
import { boundedBody } from '../../../actions/lib/bounded-body.ts'

test('a body is read whole up to its bound, and not one byte further', async () => {
  expect((await boundedBody(new Response('abcd'), 4)).toString()).toBe('abcd')
  expect(await boundedBody(new Response(null), 0)).toHaveLength(0)
  await expect(boundedBody(new Response('abcde'), 4)).rejects.toThrow('it sent more than 4 bytes')
})
