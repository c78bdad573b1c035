import { assert, integer, nat, property, string, stringMatching } from 'fast-check'
import { expect, test } from 'vitest'
import { fileOf, HashKey, servingIn, servingOf, Variable } from '../../../../app/rollout/routers/nginx-file.ts'

const SPLIT = { variable: 'shop_release', key: '$request_id' }

test('the file splits by the key and says itself what it does', () => {
  expect(fileOf(SPLIT, { percent: 10, mark: 'a1' })).toBe(`# Release Conductor writes this file and replaces it as a whole.
split_clients "$request_id" $shop_release {
  10% canary;
  * stable;
}
map "" $shop_release_serving {
  default '{"percent":10,"mark":"a1"}';
}
`)
})

test('0 and 100 percent leave no part for the other version', () => {
  expect(fileOf(SPLIT, { percent: 0, mark: 'a' })).not.toMatch(/canary|%;/)
  expect(fileOf(SPLIT, { percent: 100, mark: 'a' })).not.toContain('stable')
})

test('a file is read back as it was written, and one that differs in a byte is not ours', () => {
  assert(
    property(
      integer({ min: 0, max: 100 }),
      stringMatching(/^[a-z0-9]{1,32}$/),
      nat(),
      string({ minLength: 1, maxLength: 1 }),
      (percent, mark, at, char) => {
        const text = fileOf(SPLIT, { percent, mark })
        expect(servingIn(text, SPLIT)).toEqual({ percent, mark })
        expect(servingIn(text, { ...SPLIT, key: '$remote_addr' })).toBeNull()
        const place = at % text.length
        const changed = text.slice(0, place) + char + text.slice(place + 1)
        const read = servingIn(changed, SPLIT)
        // Another digit of the mark or of both percentages at once is another file of ours; nothing else is.
        expect(read === null || fileOf(SPLIT, read) === changed).toBe(true)
        expect(read === null || changed === text || read.mark !== mark).toBe(true)
      },
    ),
  )
})

test.each([
  '',
  '{}',
  'null',
  '10',
  '{"percent":10}',
  '{"percent":101,"mark":"a"}',
  '{"percent":1.5,"mark":"a"}',
  '{"percent":1,"mark":"a","x":1}',
  '<html>',
])('a worker that says %j says nothing', (body) => {
  expect(() => servingOf(body)).toThrow(expect.objectContaining({ code: 'malformed' }))
})

test('nothing but names goes into the file', () => {
  for (const key of ['$request_id', '$cookie_cart$remote_addr']) expect(HashKey.safeParse(key).success).toBe(true)
  for (const key of ['', 'request_id', '$a; }', '$a"', '${a}', '$a $b']) expect(HashKey.safeParse(key).success).toBe(false)
  for (const name of ['', '$x', 'X', 'a b', 'a{', '1a']) expect(Variable.safeParse(name).success).toBe(false)
})
