import { expect, test } from 'vitest'
import { phaseGraph } from '../../../app/web/phase-graph.ts'
import { Phase, PhaseNeeds } from '../../../evidence/model/phases.ts'

test('each phase is a box, each need an arrow, and all of it is said in words, both ways it is drawn', () => {
  const { text } = phaseGraph(Phase.options.map((phase) => ({ phase, state: phase === 'P0' ? 'blocked' : 'not-built' })))
  expect(text.match(/<rect/g)).toHaveLength(2 * Phase.options.length)
  expect(text.match(/class="arrow"/g)).toHaveLength(2 * Object.values(PhaseNeeds).flat().length)
  expect(text.match(/aria-label="P0 readiness: blocked; P1 baselines and previews: not built yet; /g)).toHaveLength(2)
  expect(text).toContain('class="phase blocked"')
})

test('of some phases only those and what lies between them', () => {
  const { text } = phaseGraph([
    { phase: 'P0', state: 'proven' },
    { phase: 'P2', state: 'running' },
  ])
  expect(text.match(/<rect/g)).toHaveLength(4)
  expect(text).not.toContain('class="arrow"')
})
