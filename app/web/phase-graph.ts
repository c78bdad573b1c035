/** The phases as a graph, beside each other where there is room and below each other where there is none. Pure. */
import { Phase, PhaseName, PhaseNeeds } from '../../evidence/model/phases.ts'
import type { StatusView } from '../release/view.ts'
import { html, type Html } from './html.ts'

type PhaseState = StatusView['phases'][number]['state']

export const PHASE_WORDS: Readonly<Record<PhaseState, string>> = {
  waiting: 'waiting',
  running: 'running',
  proven: 'proven',
  blocked: 'blocked',
  'not-built': 'not built yet',
}

/** Column and row of each phase, left to right. */
const PLACES: Readonly<Record<Phase, readonly [along: number, across: number]>> = {
  P0: [0, 0.5],
  P1: [1, 0],
  P2: [2, 0],
  P3: [1.5, 1],
  P4: [3, 0.5],
  P5: [4, 0.5],
  P6: [5, 0.5],
  P7: [6, 0.5],
  P8: [7, 0.5],
}
const BOX = { width: 132, height: 46 }
const WIDE = { along: 162, across: 66 }
const TALL = { along: 62, across: 144 }

interface Box {
  readonly phase: Phase
  readonly state: PhaseState
  readonly x: number
  readonly y: number
}

export function phaseGraph(phases: StatusView['phases']): Html {
  const words = phases.map(({ phase, state }) => `${phase} ${PhaseName[phase]}: ${PHASE_WORDS[state]}`).join('; ')
  return html`<div class="graph wide">${drawn(phases, words, false)}</div>
    <div class="graph tall">${drawn(phases, words, true)}</div>`
}

function drawn(phases: StatusView['phases'], words: string, tall: boolean): Html {
  const boxes = phases.map(({ phase, state }): Box => {
    const [along, across] = PLACES[phase]
    return tall
      ? { phase, state, x: 2 + across * TALL.across, y: 2 + along * TALL.along }
      : { phase, state, x: 2 + along * WIDE.along, y: 2 + across * WIDE.across }
  })
  const at = new Map(boxes.map((box) => [box.phase, box]))
  const arrows = boxes.flatMap((to) => PhaseNeeds[to.phase].flatMap((need) => (at.has(need) ? [arrow(at.get(need) ?? to, to, tall)] : [])))
  const [width, height] = [Math.max(0, ...boxes.map(({ x }) => x)) + BOX.width + 2, Math.max(0, ...boxes.map(({ y }) => y)) + BOX.height + 2]
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${words}" xmlns="http://www.w3.org/2000/svg">
    ${arrows}${boxes.map(boxOf)}
  </svg>`
}

function boxOf({ phase, state, x, y }: Box): Html {
  return html`<g class="phase ${state}"
    ><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="8" /><text x="${x + 10}" y="${y + 19}" class="name"
      >${phase} ${short(phase)}</text
    ><text x="${x + 10}" y="${y + 36}">${PHASE_WORDS[state]}</text></g
  >`
}

/** What fits into a box. */
function short(phase: Phase): string {
  return PhaseName[phase].split(/[ ,]/, 1)[0] ?? ''
}

function arrow(from: Box, to: Box, tall: boolean): Html {
  const [x1, y1, x2, y2] = tall
    ? [from.x + BOX.width / 2, from.y + BOX.height, to.x + BOX.width / 2, to.y]
    : [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2]
  const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2]
  const path = tall ? `M${x1} ${y1}C${x1} ${my} ${x2} ${my} ${x2} ${y2}` : `M${x1} ${y1}C${mx} ${y1} ${mx} ${y2} ${x2} ${y2}`
  return html`<path class="arrow" d="${path}" />`
}
