import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AGENTS } from '../../agents/index.ts'
import { renderAgentsTable, TABLE_BEGIN, TABLE_END, withAgentsTable } from '../../agents/readme.ts'

test('README shows the table the files give', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../agents/README.md'), 'utf8')
  expect(readme).toContain(renderAgentsTable())
  expect(withAgentsTable(readme)).toBe(readme)
})

test('one row an agent, and a bar in a cell does not end it', () => {
  const [agent] = AGENTS
  if (agent === undefined) throw new Error('no agent')
  const table = renderAgentsTable([{ ...agent, question: 'a|b' }])
  expect(table.split('\n')).toHaveLength(4)
  expect(table).toContain('a\\|b')
})

test('a text without the marks is left alone', () => {
  expect(withAgentsTable('nothing')).toBe('nothing')
  expect(withAgentsTable(`${TABLE_END} ${TABLE_BEGIN}`)).toBe(`${TABLE_END} ${TABLE_BEGIN}`)
})
