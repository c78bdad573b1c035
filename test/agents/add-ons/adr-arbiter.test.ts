import { expect, test } from 'vitest'
import { draftOf, nextPath, recordOf } from '../../../agents/add-ons/adr-arbiter.records.ts'
import { adrArbiter } from '../../../agents/add-ons/adr-arbiter.ts'
import { collectDecisions } from '../../../agents/collect/decisions.ts'
import { contextOf, release } from '../collect/workspace.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const healthy = adrArbiter.planted.find(({ expected }) => expected === 'green')?.inputs
if (healthy === undefined) throw new Error('nothing is planted')

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(adrArbiter, ['risk:high change with no record'])).toEqual([])
  expect(faultsMissed(adrArbiter)).toEqual([])
})

test('it feeds no gate; what it asks for is written down', () => {
  const without = { ...healthy, commits: { ...healthy.commits, paths: ['src/cart.ts'] } }
  const report = adrArbiter.assess(without, {})
  expect(report.measurements).toEqual([])
  expect(report.files[0]?.content).toMatchObject({ risky: true, records: [], requests: [{ pull: 7, path: 'docs/adr/0003-split-the-cart.md' }] })
  expect(adrArbiter.assess(healthy, {}).files[0]?.content).toMatchObject({
    requests: [],
    records: [{ title: 'Split the cart', status: 'accepted', sections: 3 }],
  })
  const files = [{ path: 'docs/adr/0002-split-the-cart.md', text: null, why: 'it is not UTF-8 text' }]
  expect(adrArbiter.assess({ ...healthy, decisions: { ...healthy.decisions, files } }, {}).findings).toMatchObject([{ rule: 'decision.unread' }])
})

test('the plan is the draft of the record, at the next number; nothing when there is one, or none is needed', () => {
  const without = { ...healthy, commits: { ...healthy.commits, paths: ['src/cart.ts', 'README.md'] } }
  expect(adrArbiter.plan?.(healthy, {})).toEqual([])
  expect(adrArbiter.plan?.({ ...without, pullRequest: { ...without.pullRequest, labels: [] } }, {})).toEqual([])
  const [action] = adrArbiter.plan?.(without, {}) ?? []
  expect(action).toMatchObject({ kind: 'file.write', path: 'docs/adr/0003-split-the-cart.md' })
  expect(action?.text).toContain('# Split the cart\n\n## Status\n\nproposed')
  expect(action?.text).toContain('- `src/cart.ts`\n- `README.md`')
})

test('a draft that nobody filled in is an empty record', () => {
  const text = draftOf({ title: 'a\n`b`', pull: 7, paths: Array.from({ length: 30 }, (_, at) => `p${at}/a/b`) })
  expect(text).toContain('- and 10 more')
  expect(recordOf(text)).toMatchObject({ title: 'a `b`', status: 'proposed', sections: 1 })
})

test.each([
  ['# A\n\nStatus: Accepted\n\n## Context\n\nx\n', 'accepted'],
  ['---\nstatus: proposed\n---\n# A\n', 'proposed'],
  ['# A\n\n* **Status**: rejected\n', 'rejected'],
  ['# A\n\n## 2. Status\n\nSuperseded by 9\n\nmore\n', 'superseded by 9'],
  ['no heading', ''],
  ['', ''],
])('the status of %j is %j', (text, status) => {
  expect(recordOf(text).status).toBe(status)
})

test.each([
  [[], 'Go! Now', 'docs/adr/0001-go-now.md'],
  [['doc/decisions/7-a.md', 'doc/decisions/9-b.md', 'docs/adr/0100-c.md'], 'x', 'doc/decisions/10-x.md'],
  [['adr/adr-0041-a.md'], '…', 'adr/0042-decision.md'],
])('after %j comes %s as %s', (records, title, path) => {
  expect(nextPath(records, title)).toBe(path)
})

test('records are found by their folder and number', async () => {
  using repo = release({
    'docs/adr/0001-a.md': '# A\n',
    'doc/architecture/decisions/7_b.md': '# B\n',
    'docs/adr/README.md': 'no record\n',
    'src/0001-a.md': 'no record\n',
    'vendor/adr/0001-a.md': 'theirs\n',
    'docs/adr/0002-link.md': '->0001-a.md',
  })
  const collected = await collectDecisions(contextOf({ workspace: repo.path, sha: repo.head }))
  expect('value' in collected && collected.value.files.map(({ path, text }) => [path, text])).toEqual([
    ['doc/architecture/decisions/7_b.md', '# B\n'],
    ['docs/adr/0001-a.md', '# A\n'],
    ['docs/adr/0002-link.md', null],
  ])
})
