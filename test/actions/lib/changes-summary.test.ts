import { expect, test } from 'vitest'
import { changesSummary, planSummary } from '../../../actions/lib/changes-summary.ts'
import { file, setOf } from '../../agents/apply/stage.ts'

const ID = '0'.repeat(32)

test('the whole text that would be written is shown, and nothing in it is markup', () => {
  const text = planSummary(setOf('a'.repeat(40), 7, file('a.yaml', 'a: 1\n</pre><script>\n')), ID)
  expect(text).toContain('a: 1\n&lt;/pre&gt;&lt;script&gt;')
  expect(text).toContain(`## Plan ${ID}`)
  expect(planSummary(setOf('a'.repeat(40), 7), ID)).toContain('would change nothing')
})

test('what was done, what failed and what to do then', () => {
  const text = changesSummary(ID, [
    { change: 'files', state: 'changed', says: 'https://github.example/acme/shop/pull/8', next: null },
    { change: 'ruleset.write x', state: 'failed', says: 'GitHub refused', next: 'Be an admin.' },
  ])
  expect(text).toContain('✅ changed')
  expect(text).toContain('GitHub refused. Be an admin.')
  expect(changesSummary(ID, [])).toContain('nothing to do')
})
