import { expect, test } from 'vitest'
import { PREVIEWS_MARK } from '../../../agents/collect/inputs.ts'
import { previewComment } from '../../../agents/developer-experience/preview-concierge.comment.ts'
import { given, policy, pullRequest } from '../../../agents/developer-experience/preview-concierge.faults.ts'
import { previewConcierge } from '../../../agents/developer-experience/preview-concierge.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const assess = (previews = given()) => previewConcierge.assess({ previews, pullRequest, policy }, {})
const plan = (previews = given()) => previewConcierge.plan?.({ previews, pullRequest, policy }, {}) ?? []
const [PREVIEW] = given().previews
const SWITCHED = { isSwitched: true }
const ASLEEP = given(200, { previews: [{ ...PREVIEW, state: 'inactive', asleep_since: '2026-01-15T10:00:00.000Z' } as never], health: [] })
const switching = {
  ...policy,
  text: policy.text.replace('"hosts"', '"sleep":"preview-sleep.yml","prices":[{"environment":"pr-*","hour":0.1,"asleep":0.01}],"hosts"'),
}

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(previewConcierge, ['a dead preview URL', 'two comments'])).toEqual([])
  expect(faultsMissed(previewConcierge)).toEqual([])
})

test('what it measured', () => {
  expect(assess().measurements).toMatchObject([
    { metrics: { deployments: 4, previews: 1, asked: 1, unasked: 0, dead: 0, comments: 1 }, measured: { n: 4 } },
  ])
  expect(assess().files[0]?.content).toMatchObject({ previews: [{ environment: 'pr-3', health: 'answers', hours_left: 62 }], comments: [{ id: 1 }] })
})

const rules = (over: object) => assess(given(200, { previews: [{ ...PREVIEW, ...over } as never], health: [] })).findings

test('what was not asked is told, and no error: there is no address, or nobody let us', () => {
  expect(rules({ url: null })).toMatchObject([{ rule: 'preview.no-address', severity: 'error' }])
  expect(rules({ url: 'https://evil.example/' })).toMatchObject([{ rule: 'preview.not-asked', message: expect.stringContaining('does not list') }])
  expect(rules({})).toMatchObject([{ rule: 'preview.not-asked', message: expect.stringContaining('could not be asked') }])
})

test('the plan is the one comment, and nothing when it stands there already', () => {
  const [comment] = plan()
  expect(comment).toMatchObject({ kind: 'comment.write', path: 'pulls/3/comments/previews' })
  expect(comment?.text).toBe(
    `${PREVIEWS_MARK}\n### Previews of this pull request\n\n| preview | address | health | life | cost | commit |\n| --- | --- | --- | --- | --- | --- |\n| pr-3 | [pr-3.preview.acme.example](https://pr-3.preview.acme.example/) | answers | 62 h left | not known | bbbbbbb |\n`,
  )
  expect(plan(given(200, { comments: [{ id: 1, author: 'x', body: comment?.text ?? '' }] }))).toEqual([])
  expect(plan(given(200, { comments: null }))).toEqual([])
  expect(plan(given(null))[0]?.text).toContain('does not answer')
  expect(plan(given(200, { previews: [] }))[0]?.text).toContain('No preview runs.')
})

test('no name or address of a deployment breaks out of the table', () => {
  const hostile = { environment: 'pr-3 | `x` <script>', url: 'https://a.example/)](https://evil.example' }
  const text = previewComment([{ preview: { ...PREVIEW, ...hostile } as never, health: 'answers', dayUsd: 1, hoursLeft: -1 }], SWITCHED)
  expect(text).not.toMatch(/<script>|evil/)
  expect(
    text
      .split('\n')
      .find((line) => line.startsWith('| pr-3'))
      ?.split('|'),
  ).toHaveLength(8)
  expect(
    previewComment([{ preview: { ...PREVIEW, url: 'javascript:alert(1)' } as never, health: 'answers', dayUsd: null, hoursLeft: 1 }], SWITCHED),
  ).not.toContain('](javascript')
})

test('what sleeps is told as asleep, neither dead nor healthy, with its own price and the line that wakes it', () => {
  const { findings, measurements, files, notes } = previewConcierge.assess({ previews: ASLEEP, pullRequest, policy: switching }, {})
  expect(findings).toEqual([])
  expect(measurements[0]?.metrics).toMatchObject({ previews: 1, asked: 0, unasked: 0, asleep: 1, dead: 0 })
  expect(files[0]?.content).toMatchObject({ previews: [{ environment: 'pr-3', health: 'asleep', asleep_since: '2026-01-15T10:00:00.000Z' }] })
  expect(notes).toContain('1 of them asleep, 0 of 0 that were asked')
  const [comment] = previewConcierge.plan?.({ previews: ASLEEP, pullRequest, policy: switching }, {}) ?? []
  expect(comment?.text).toContain(
    '| pr-3 | none while it sleeps | asleep since 2026-01-15 10:00 UTC; `/preview wake pr-3` | 62 h left | 0.24 USD a day | bbbbbbb |',
  )
  expect(comment?.text).not.toMatch(/https:|answers|sleep pr-3/)
})

test('the comment says how to put one to sleep, where a workflow is named for it', () => {
  const [comment] = previewConcierge.plan?.({ previews: given(), pullRequest, policy: switching }, {}) ?? []
  expect(comment?.text).toContain('\nNot needed for now? Comment `/preview sleep pr-3`, alone on the first line.\n')
  expect(plan()[0]?.text).not.toContain('/preview')
  expect(plan(ASLEEP)[0]?.text).not.toContain('/preview')
})

test('no line is given for a name that no command can hold', () => {
  const one = { preview: { ...ASLEEP.previews[0], environment: 'pr-`id`;🚀' } as never, health: 'asleep', dayUsd: 1, hoursLeft: 1 } as const
  expect(previewComment([one, { ...one, health: 'answers' }], SWITCHED)).not.toContain('/preview')
})

test.each(['in_progress', 'queued', 'pending', null])('with the state %s it is not dead, and not known to answer either', (state) => {
  const previews = given(503, { previews: [{ ...PREVIEW, state } as never] })
  const { findings, measurements } = assess(previews)
  expect(findings).toMatchObject([{ rule: 'preview.not-up', severity: 'error' }])
  expect(measurements[0]?.metrics).toMatchObject({ dead: 0, unasked: 1, asked: 0 })
})
