/** `gates list`, `gates explain`, `gates self-test`. */
import { z } from 'zod'
import { GateId } from '../../../evidence/model/phases.ts'
import { explain as explainGate } from '../../../gates/explain.ts'
import type { Gate } from '../../../gates/gate.ts'
import { GATES } from '../../../gates/index.ts'
import { gateCases } from '../../../gates/self-test.ts'
import { CliError, unknownWord } from '../error.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Verb } from '../verb.ts'

function list(): Answer {
  const absent = GateId.options.filter((id) => GATES.every((gate) => gate.id !== id))
  const rows = GATES.map((gate) => [gate.id, gate.phase, gate.reads.join(', ') || 'verdicts', gate.question])
  return {
    exit: EXIT.ok,
    text: `${table(['gate', 'phase', 'reads', 'question'], rows)}\n\nNot built yet: ${absent.join(', ')}.`,
    data: { gates: GATES.map(({ id, phase, question, why, version, reads }) => ({ id, phase, question, why, version, reads })), not_built: absent },
  }
}

/** @throws CliError for a gate that is unknown or not built */
function gateOf(word: string): Gate {
  const found = GATES.find((gate) => gate.id === word)
  if (found !== undefined) return found
  if (GateId.safeParse(word).success)
    throw new CliError('not-built', `The gate ${word} is not built yet.`, 'Run `release-conductor gates list` for those that are.')
  throw unknownWord('gate', word, GateId.options, 'Run `release-conductor gates list`.')
}

function explain(word: string): Answer {
  const gate = gateOf(word)
  const policy = z.toJSONSchema(gate.policy, { io: 'input', unrepresentable: 'any' })
  const { id, phase, version, question, why, reads, dependsOn } = gate
  return {
    exit: EXIT.ok,
    text: explainGate(gate).trimEnd(),
    data: {
      id,
      phase,
      version,
      question,
      why,
      reads,
      depends_on: dependsOn,
      policy,
      planted: gate.planted().map(({ name, expected }) => ({ name, expected })),
    },
  }
}

function selfTest(word: string | undefined): Answer {
  const chosen = word === undefined ? GATES : [gateOf(word)]
  const results = chosen.map((gate) => ({ gate: gate.id, cases: gateCases(gate) }))
  const rows = results.flatMap(({ gate, cases }) =>
    cases.map((each) => [gate, each.expected === each.got ? 'ok' : 'WRONG', `${each.expected} -> ${each.got}`, each.name]),
  )
  const wrong = results.flatMap(({ cases }) => cases).filter((each) => each.expected !== each.got).length
  const empty = results.filter(({ cases }) => !cases.some((each) => each.expected === 'red') || !cases.some((each) => each.expected === 'green'))
  const bad = wrong > 0 || empty.length > 0
  return {
    exit: bad ? EXIT.no : EXIT.ok,
    text: `${table(['gate', '', 'planted -> said', 'case'], rows)}\n\n${bad ? `${wrong} cases wrong${empty.map(({ gate }) => `; ${gate} has no case of both kinds`).join('')}. Do not trust these gates; report the defect.` : `${rows.length} planted inputs, each answered as it must be.`}`,
    data: { ok: !bad, results },
  }
}

export const gates: Verb = {
  name: 'gates',
  summary: 'Lists the gates, explains one, or shows that each can fail.',
  usage: 'list | explain <gate> | self-test [gate]',
  examples: [
    ['release-conductor gates list', 'what there is, and what is not built yet'],
    ['release-conductor gates explain hardening', 'question, policy, reasons, planted faults'],
    ['release-conductor gates self-test', 'runs every gate on its planted inputs; exit code 1 when one stays green'],
  ],
  options: {},
  meaning: {},
  words: { least: 1, most: 2 },
  async run({ words: [action, word] }) {
    if (action === 'list') return list()
    if (action === 'self-test') return selfTest(word)
    if (action !== 'explain')
      throw new CliError('usage', `\`gates ${action ?? ''}\` is not known.`, 'Use `gates list`, `gates explain <gate>` or `gates self-test [gate]`.')
    if (word === undefined) throw new CliError('usage', 'Which gate?', `Name one: ${GATES.map((gate) => gate.id).join(', ')}.`)
    return explain(word)
  },
}
