/** The table of agents in agents/README.md, made from the agents' own files. Pure. */
import type { ListedAgent } from './index.ts'
import { AGENTS } from './index.ts'

/** Lines between which the table stands in README.md. */
export const TABLE_BEGIN = '<!-- agents: generated, do not edit -->'
export const TABLE_END = '<!-- agents: end -->'

/** Markdown table, one agent a row, sorted as listed; ends with a newline. */
export function renderAgentsTable(agents: readonly ListedAgent[] = AGENTS): string {
  const rows = agents.map((agent) => [
    agent.id,
    `\`${agent.name}\``,
    agent.phase.join(', '),
    agent.gate.join(', ') || 'none',
    `\`${agent.topic}\``,
    agent.question,
    agent.needs.join(', '),
    agent.writes.map((path) => `\`${path}\``).join(', '),
    [...new Set(agent.planted.filter((planted) => planted.expected === 'red').map((planted) => planted.catches))].join('; '),
  ])
  const head = ['id', 'name', 'phase', 'gate', 'topic', 'question', 'needs', 'writes', 'catches']
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('')
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
}

/** README text -> the same with a fresh table. Text without the two marks comes back unchanged. */
export function withAgentsTable(readme: string): string {
  const from = readme.indexOf(TABLE_BEGIN)
  const to = readme.indexOf(TABLE_END)
  if (from === -1 || to < from) return readme
  return `${readme.slice(0, from + TABLE_BEGIN.length)}\n\n${renderAgentsTable()}\n${readme.slice(to)}`
}
