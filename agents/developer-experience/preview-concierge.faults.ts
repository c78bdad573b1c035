/** Planted faults of preview-concierge: a preview that answers and one comment about it, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import { PREVIEWS_MARK, type Inputs } from '../collect/inputs.ts'

type Needs = 'previews' | 'pullRequest' | 'policy'
type Given = Inputs['previews']

const HEAD = 'b'.repeat(40)
const AT = '2026-01-15T12:00:00.000Z'
const PREVIEW: Given['previews'][number] = {
  deployment: 7,
  environment: 'pr-3',
  sha: HEAD,
  ref: 'release/v2.0.0',
  created_at: '2026-01-15T02:00:00.000Z',
  state: 'success',
  asleep_since: null,
  url: 'https://pr-3.preview.acme.example/',
  tenant: null,
}
const ASLEEP = { ...PREVIEW, state: 'inactive', asleep_since: '2026-01-15T10:00:00.000Z' }
const COMMENT = { id: 1, author: 'release-conductor[bot]', body: PREVIEWS_MARK }

export const pullRequest: Inputs['pullRequest'] = {
  number: 3,
  title: 'Release v2.0.0',
  body: '',
  labels: [],
  head: { ref: 'release/v2.0.0', sha: HEAD },
  base: { ref: 'main', sha: 'a'.repeat(40) },
}

/** @param status null: no answer */
export function given(status: number | null = 200, over: Partial<Given> = {}): Given {
  const health = [{ deployment: 7, status, ms: 40, why: status === null ? 'pr-3.preview.acme.example could not be reached.' : null }]
  return { at: AT, head: HEAD, seen: 4, cut: false, previews: [PREVIEW], health, bill: null, comments: [COMMENT], ...over }
}

export const policy: Inputs['policy'] = {
  base: 'a'.repeat(40),
  path: '.github/release-conductor.yml',
  text: JSON.stringify({ version: 1, release: { base: ['main'] }, gates: { preview_budget: { hosts: ['*.preview.acme.example'] } } }),
}

function red(catches: string, rule: string, previews: Given): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs: { previews, pullRequest, policy }, rules: [rule] }
}

function green(catches: string, previews: Given): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs: { previews, pullRequest, policy } }
}

export const planted: readonly PlantedInput<Needs>[] = [
  green('a dead preview URL', given()),
  red('a dead preview URL', 'preview.dead', given(null)),
  red('a dead preview URL', 'preview.dead', given(404)),
  red('a dead preview URL', 'preview.dead', given(503)),
  red('a preview that nobody asked', 'preview.not-asked', given(200, { previews: [{ ...PREVIEW, url: 'https://elsewhere.example/' }], health: [] })),
  red('a preview that nobody asked', 'preview.no-address', given(200, { previews: [{ ...PREVIEW, url: null }], health: [] })),
  green('a preview that nobody asked', given()),
  green('a dead preview URL', given(401)),
  green('a dead preview URL', given(null, { previews: [{ ...PREVIEW, state: 'inactive' }] })),
  green('a dead preview URL', given(null, { previews: [{ ...PREVIEW, ref: 'feature/other', sha: 'c'.repeat(40) }] })),
  green('a dead preview URL', given(200, { previews: [ASLEEP], health: [] })),
  red('a dead preview URL', 'preview.dead', given(503, { previews: [{ ...ASLEEP, asleep_since: null, state: 'success' }] })),
  red('a preview that nobody asked', 'preview.not-up', given(503, { previews: [{ ...PREVIEW, state: 'in_progress' }] })),
  red('a preview that nobody asked', 'preview.not-up', given(null, { previews: [{ ...PREVIEW, state: null }] })),
  green('a preview that nobody asked', given(200, { previews: [{ ...PREVIEW, state: 'in_progress' }] })),
  green('two comments', given()),
  green('two comments', given(200, { comments: [] })),
  red('two comments', 'preview.two-comments', given(200, { comments: [COMMENT, { ...COMMENT, id: 2 }] })),
]
