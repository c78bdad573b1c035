/** `agents list` and `agents describe`. */
import { agentByName, AGENTS } from '../../../agents/index.ts'
import { settingsOf } from '../../../agents/settings.ts'
import { Phase } from '../../../evidence/model/phases.ts'
import { CliError, unknownWord } from '../error.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Verb } from '../verb.ts'

function list(): Answer {
  const silent = Phase.options.filter((phase) => !AGENTS.some((agent) => agent.phase.includes(phase)))
  const rows = AGENTS.map((agent) => [agent.id, agent.name, agent.phase.join(','), agent.gate.join(', '), agent.question])
  const data = AGENTS.map(({ id, name, phase, gate, topic, question, version }) => ({ id, name, phase, gate, topic, question, version }))
  return {
    exit: EXIT.ok,
    text: `${table(['id', 'agent', 'phase', 'feeds', 'question'], rows)}\n\nThis is all there is; an agent that is not listed is not built. Phases without an agent: ${silent.join(', ')}.`,
    data: { agents: data, phases_without_agent: silent },
  }
}

function describe(word: string): Answer {
  const agent = agentByName(word)
  if (agent === undefined) {
    const names = AGENTS.map((each) => each.name)
    throw unknownWord('agent', word, names, `There are: ${names.join(', ')}.`)
  }
  const { id, name, phase, gate, topic, question, why, version, needs, writes } = agent
  const planted = agent.planted.map(({ catches, expected, rules = [] }) => ({ catches, expected, rules }))
  const settings = settingsOf(agent)
  const rows = planted.map((each) => [each.expected === 'red' ? 'must find' : 'must not mind', each.catches, each.rules.join(', ')])
  const text = [
    `${name} (${id}), phase ${phase.join(', ')}, version ${version}`,
    question,
    why,
    '',
    `Feeds:   ${gate.join(', ') || 'no gate'}`,
    `Topic:   ${topic}`,
    `Needs:   ${needs.join(', ')}`,
    `Writes:  ${writes.join(', ')}`,
    `Config:  ${settings.map(({ key }) => key).join(', ') || 'nothing'}`,
    '',
    table(['', 'planted', 'rules'], rows),
  ].join('\n')
  return { exit: EXIT.ok, text, data: { id, name, phase, gate, topic, question, why, version, needs, writes, settings, planted } }
}

export const agents: Verb = {
  name: 'agents',
  summary: 'Lists the agents, or describes one.',
  usage: 'list | describe <name>',
  examples: [
    ['release-conductor agents list', 'what there is'],
    ['release-conductor agents describe infrasec', 'what it asks, needs, writes, and which faults it must find'],
  ],
  options: {},
  meaning: {},
  words: { least: 1, most: 2 },
  async run({ words: [action, word] }) {
    if (action === 'list') return list()
    if (action !== 'describe')
      throw new CliError('usage', `\`agents ${action ?? ''}\` is not known.`, 'Use `agents list` or `agents describe <name>`.')
    if (word === undefined) throw new CliError('usage', 'Which agent?', `Name one: ${AGENTS.map((agent) => agent.name).join(', ')}.`)
    return describe(word)
  },
}
