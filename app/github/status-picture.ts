/** Two small pictures for the status comment: the way of a release, and how much traffic is where. */
import type { ReleaseState } from '../release/ports.ts'

const WIDTH = 20

/** Which box of the picture a state lights. */
const BOX: Readonly<Record<ReleaseState, string>> = {
  draft: 'prove',
  proving: 'prove',
  ready: 'merge',
  merged: 'approve',
  stage: 'canary',
  canary: 'canary',
  full: 'full',
  baking: 'full',
  ga: 'ga',
  closed: 'ga',
  held: 'canary',
  rolling_back: 'back',
  rolled_back: 'back',
  abandoned: 'prove',
  broken_glass: 'full',
}

/** A Mermaid flow chart with the present box lit; GitHub draws it. */
export function flowPicture(state: ReleaseState): string {
  return [
    '```mermaid',
    'flowchart LR',
    '  prove["agents look, gates decide"] --> merge["merge"] --> approve["an approver promotes"] --> canary["canary 10, 50 %"] --> full["100 %, bake"] --> ga["released, pack signed"]',
    '  canary -- "breach or silence" --> back["rolled back"]',
    '  full -- "breach" --> back',
    `  style ${BOX[state]} stroke-width:4px`,
    '```',
  ].join('\n')
}

/** `▓▓░░░ 10 % new, 90 % old`, and the steps with the reached ones ticked. @param weight percent on the new version */
export function rolloutBar(steps: readonly number[], weight: number): string {
  const share = Math.min(100, Math.max(0, Math.round(weight)))
  const filled = Math.round((share / 100) * WIDTH)
  const bar = '▓'.repeat(filled) + '░'.repeat(WIDTH - filled)
  const done = steps.map((step) => (step <= share ? `✓ ${step} %` : `${step} %`)).join(' → ')
  return `\`${bar}\` ${share} % new, ${100 - share} % old · steps: ${done}`
}
