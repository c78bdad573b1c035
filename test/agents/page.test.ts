import { expect, test } from 'vitest'
import { renderAgentsPage } from '../../agents/page.ts'
import { AGENTS, type ListedAgent } from '../../agents/index.ts'

const page = renderAgentsPage()

test.each(AGENTS.map((agent) => [agent.name, agent] as const))('%s: question, why, and each fault with what is said of it', (name, agent) => {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${name}\n`)) ?? ''
  expect(section).toContain(agent.question)
  expect(section).toContain(agent.why)
  const caught = new Set(agent.planted.filter(({ expected }) => expected === 'red').map(({ catches }) => catches))
  const rows = section.split('\n').filter((line) => /^\| [^|]+ \| `[a-z-]+\.[a-z-]+` \| \S.{20,} \|$/.test(line))
  expect(rows.map((row) => row.split(' | ')[0]?.slice(2))).toEqual([...caught])
})

test('what an agent says is text: marks and bars are no Markdown, and code stays code', () => {
  const [first] = AGENTS
  if (first === undefined) throw new Error('no agent')
  const agent: ListedAgent = {
    ...first,
    planted: first.planted.slice(0, 1).map((planted) => ({ ...planted, expected: 'red', catches: 'a|b', rules: ['a.b'] })),
    assess: () => ({
      findings: [{ rule: 'a.b', severity: 'error', message: '<img> [x](y) *z*\n`a_b|<c>`', next: 'Do `it' }],
      measurements: [],
      files: [],
      notes: 'n',
      next: 'n',
    }),
  }
  expect(renderAgentsPage([agent])).toContain('| a\\|b | `a.b` | \\<img\\> \\[x\\](y) \\*z\\* `a_b\\|<c>`. Do \\`it |')
})
