/** Planted faults of adr-arbiter: a release of high risk with its record, and the same without what makes it one. */
import type { PlantedInput } from '../agent.ts'

type Plant = PlantedInput<'commits' | 'pullRequest' | 'decisions'>

const [BASE, HEAD] = ['a'.repeat(40), 'b'.repeat(40)]
const PATH = 'docs/adr/0002-split-the-cart.md'
const RECORD = `# Split the cart

## Status

accepted

## Context

The cart locks the orders.

## Decision

It gets a table of its own.

## Consequences

Two writes instead of one; it goes back by the migration's down.
`

interface Change {
  readonly labels?: readonly string[]
  readonly paths?: readonly string[]
  readonly text?: string | null
}

function given({ labels = ['risk:high', 'type:feat'], paths = [PATH, 'src/cart.ts'], text = RECORD }: Change = {}): Plant['inputs'] {
  const files = [{ path: 'docs/adr/0001-record-decisions.md', text: RECORD, why: null }]
  if (text !== null) files.push({ path: PATH, text, why: null })
  return {
    commits: { base: BASE, head: HEAD, commits: [], paths: [...paths] },
    pullRequest: {
      number: 7,
      title: 'Split the cart',
      body: '',
      labels: [...labels],
      head: { ref: 'release/v2.0.0', sha: HEAD },
      base: { ref: 'main', sha: BASE },
    },
    decisions: { head: HEAD, files },
  }
}

const CATCHES = 'risk:high change with no record'

function red(rule: string, inputs: Plant['inputs']): Plant {
  return { catches: CATCHES, expected: 'red', inputs, rules: [`decision.${rule}`] }
}

function green(inputs: Plant['inputs']): Plant {
  return { catches: CATCHES, expected: 'green', inputs }
}

export const planted: readonly Plant[] = [
  green(given()),
  red('missing', given({ paths: ['src/cart.ts'] })),
  red('missing', given({ text: null })),
  red('empty', given({ text: '# Split the cart\n\n## Status\n\naccepted\n\n## Context\n\n<!-- why -->\n\n## Decision\n\nTODO\n' })),
  red('not-standing', given({ text: RECORD.replace('accepted', 'superseded by 0009') })),
  green(given({ labels: ['risk:low'], paths: ['src/cart.ts'] })),
]
