import { expect, test } from 'vitest'
import { escape, SIGN } from '../../../actions/lib/markdown.ts'
import { Outcome } from '../../../evidence/model/verdict.ts'

test('text of others makes no markup, table, link or mention, and stays on its line', () => {
  expect(escape('a | b\n# c @team <img src=x> [x](http://y) `z` ~s~')).toBe(
    String.raw`a \| b \# c &#64;team &lt;img src=x&gt; \[x\](http://y) \`z\` \~s\~`,
  )
  expect(escape('x'.repeat(5000))).toHaveLength(1000)
})

test('every answer of a gate has its sign', () => {
  expect(Object.keys(SIGN).toSorted()).toEqual(Outcome.options.toSorted())
})
