/** `validate`: what would the gates of a phase say? Changes nothing. */
import { PHASE_MEANING, PHASE_OPTIONS, runPhase } from '../phase.ts'
import type { Verb } from '../verb.ts'

export const validate: Verb = {
  name: 'validate',
  summary: 'Asks what the gates of a phase would say of this checkout; changes nothing.',
  usage: '--phase=P0 [--base=main] [--pull=N | --pull-body=FILE]',
  examples: [
    ['GITHUB_TOKEN=… release-conductor validate --phase=P0 --pull=12', 'the release pull request 12, as it is on GitHub'],
    [
      'release-conductor validate --phase=P0 --pull-body=body.md --label=risk:low --trust-owners',
      'without GitHub: what it would answer is your word',
    ],
  ],
  options: PHASE_OPTIONS,
  meaning: PHASE_MEANING,
  words: { least: 0, most: 0 },
  run: (call) => runPhase(call, { out: null, evidence: false }),
}
