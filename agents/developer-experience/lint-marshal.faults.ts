/** Planted faults of lint-marshal: one complete, healthy release, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { SECTIONS } from './lint-marshal.template.ts'

type Needs = 'commits' | 'pullRequest' | 'codeowners' | 'policy'
type Given = Pick<Inputs, Needs>

const HEAD = 'b'.repeat(40)
const BASE = 'a'.repeat(40)

const HEALTHY: Given = {
  commits: {
    base: BASE,
    head: HEAD,
    commits: [
      {
        sha: HEAD,
        parents: [BASE],
        author: { name: 'Developer', email: 'developer@example.com' },
        subject: 'feat(cart): keep the cart when the session ends',
        body: 'The cart is stored with the account.',
      },
    ],
    paths: ['.github/workflows/ci.yml', 'src/cart.ts'],
  },
  pullRequest: {
    number: 7,
    title: 'Release v2.0.0',
    body: SECTIONS.map((title) => `## ${title}\n\n${title} of this release, in words.\n`).join('\n'),
    labels: ['risk:low', 'type:feat'],
    head: { ref: 'release/v2.0.0', sha: HEAD },
    base: { ref: 'main', sha: BASE },
  },
  codeowners: { file: { path: '.github/CODEOWNERS', text: '*  @acme/shop\n/src/  @acme/cart @acme/shop\n' }, problems: [] },
  policy: { base: BASE, path: '.github/release-conductor.yml', text: 'version: 1\n' },
}

function withSubject(subject: string): Given {
  return { ...HEALTHY, commits: { ...HEALTHY.commits, commits: HEALTHY.commits.commits.map((commit) => ({ ...commit, subject })) } }
}

function withBody(change: (body: string) => string): Given {
  return { ...HEALTHY, pullRequest: { ...HEALTHY.pullRequest, body: change(HEALTHY.pullRequest.body) } }
}

function withOwners(text: string, problems: Given['codeowners']['problems'] = []): Given {
  return { ...HEALTHY, codeowners: { file: { path: '.github/CODEOWNERS', text }, problems } }
}

const ROLLBACK = /## Rollback\n\n[^\n]*\n/

export const planted: readonly PlantedInput<Needs>[] = [
  { catches: 'bad commit type', expected: 'red', inputs: withSubject('feature(cart): keep the cart'), rules: ['commit.type-enum'] },
  { catches: 'bad commit type', expected: 'red', inputs: withSubject('Keep the cart'), rules: ['commit.type-empty'] },
  { catches: 'bad commit type', expected: 'green', inputs: withSubject('fix(cart)!: keep the cart') },
  { catches: 'missing rollback section', expected: 'red', inputs: withBody((body) => body.replace(ROLLBACK, '')), rules: ['template.rollback'] },
  {
    catches: 'missing rollback section',
    expected: 'red',
    inputs: withBody((body) => body.replace(ROLLBACK, '## Rollback\n\n<!-- how it goes back -->\nTBD\n')),
    rules: ['template.rollback'],
  },
  {
    catches: 'missing rollback section',
    expected: 'green',
    inputs: withBody((body) => body.replace(ROLLBACK, '### rollback:\n- Weight 0, then v1.\n')),
  },
  {
    catches: 'unknown label',
    expected: 'red',
    inputs: { ...HEALTHY, pullRequest: { ...HEALTHY.pullRequest, labels: ['risk:low', 'type:feature'] } },
    rules: ['label.unknown'],
  },
  {
    catches: 'unknown label',
    expected: 'green',
    inputs: { ...HEALTHY, pullRequest: { ...HEALTHY.pullRequest, labels: ['perf', 'risk:high', 'type:fix'] } },
  },
  { catches: 'path without owner', expected: 'red', inputs: withOwners('/src/  @acme/cart\n'), rules: ['owners.path-unowned'] },
  { catches: 'path without owner', expected: 'red', inputs: withOwners('*  @acme/shop\n/src/cart.ts\n'), rules: ['owners.path-unowned'] },
  { catches: 'path without owner', expected: 'red', inputs: { ...HEALTHY, codeowners: { file: null, problems: [] } }, rules: ['owners.absent'] },
  { catches: 'path without owner', expected: 'green', inputs: withOwners('/src/  @acme/cart\n/.github/  @acme/platform\n') },
  {
    catches: 'owner that is no member',
    expected: 'red',
    inputs: withOwners('*  @acme/gone\n', [
      { line: 1, column: 4, kind: 'Unknown owner', message: 'make sure the team @acme/gone exists, is publicly visible, and has write access' },
    ]),
    rules: ['owners.unknown'],
  },
  { catches: 'owner that is no member', expected: 'green', inputs: HEALTHY },
]
