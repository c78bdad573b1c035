/** `run`: runs a phase and writes its artifacts. */
import { resolve } from 'node:path'
import { PHASE_MEANING, PHASE_OPTIONS, runPhase } from '../phase.ts'
import type { Verb } from '../verb.ts'

export const run: Verb = {
  name: 'run',
  summary: 'Runs the agents of a phase on this checkout and writes their artifacts.',
  usage: '--phase=P0 [--evidence | --plan] [--out=DIR] [--base=main] [--pull=N | --pull-body=FILE]',
  examples: [
    ['GITHUB_TOKEN=… release-conductor run --phase=P0 --pull=12', 'reports into artifacts/P0'],
    [
      'GITHUB_TOKEN=… release-conductor run --phase=P0 --pull=12 --evidence',
      'and every collected input and the hand-over that the signing job takes',
    ],
  ],
  options: { ...PHASE_OPTIONS, out: { type: 'string' }, evidence: { type: 'boolean' }, plan: { type: 'boolean' } },
  meaning: {
    ...PHASE_MEANING,
    plan: 'write what agents would change (plan/*.json) instead; nothing is changed',
    out: 'directory; default artifacts/<phase>',
    evidence: 'write inputs and hand-over too',
  },
  words: { least: 0, most: 0 },
  run: (call) =>
    runPhase(call, {
      out: resolve(call.io.cwd, call.text('out') ?? `artifacts/${call.text('phase') ?? ''}`),
      evidence: call.flag('evidence'),
      plan: call.flag('plan'),
    }),
}
