import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from '../../../app/commands/parse.ts'
import { promoteLine, statusComment, statusMarker } from '../../../app/github/status-comment.ts'
import { next } from '../../../app/release/next.ts'
import type { ReleaseState } from '../../../app/release/ports.ts'
import { dataOf, type ReleaseData } from '../../../app/release/state.ts'
import type { StatusView } from '../../../app/release/view.ts'
import { factsOf, fullOf, MERGED, NOW, orderOf, pullOf, recordOf, rolloutOf } from '../../support/release.ts'

const PLAN = '0123456789abcdef0123456789abcdef'
const VIEW: StatusView = {
  version: 'v2.0.0',
  pull: 3,
  state: 'canary',
  head: 'a'.repeat(40),
  base: 'b'.repeat(40),
  phases: [
    { phase: 'P0', state: 'proven' },
    { phase: 'P1', state: 'not-built' },
  ],
  gates: [
    {
      gate: 'policy_ci',
      verdict: 'pass',
      numbers: [{ name: 'findings', value: 0, threshold: '=0' }],
      reason: '',
      next: '',
      url: 'https://github.com/acme/shop/runs/1',
    },
    { gate: 'hardening', verdict: 'indeterminate', numbers: [], reason: 'No image was looked at.', next: 'Run the phase again.' },
  ],
  rollout: { environment: 'prod', steps: [10, 50, 100], weight: 10, judged: 'errors 0.1 % against 0.1 %', deadline: '2026-11-22T13:00:00.000Z' },
  plan: { id: PLAN, step: 50, environment: 'prod', objectives: '' },
  stops: [],
  answers: [],
  held: null,
  log: '',
  next: ['The judge looks at 50 %.', 'At 100 % it bakes.'],
  traceId: '1'.repeat(32),
  at: '2026-11-22T12:00:00.000Z',
}

test('a hotfix that was waived says by whom, until when, what it goes without, what must hold, and where the debt is', () => {
  const hotfix = {
    by: ['ann', 'bob'],
    reason: 'the checkout <b>',
    until: '2026-11-25T12:00:00.000Z',
    covers: ['perf', 'slo'] as const,
    mustHold: ['policy_ci'] as const,
    off: '',
    issue: 70,
  }
  const shown = statusComment({ ...VIEW, hotfix }).replaceAll('\\', '')
  expect(shown).toContain('> **A hotfix, waived** by ann and bob until 2026-11-25T12:00:00.000Z: the checkout')
  expect(shown).toContain('It may go on without the proof of `perf`, `slo`. These must hold as always: `policy_ci`. The debt: #70.')
  expect(shown).not.toContain('<b>')
  expect(statusComment({ ...VIEW, hotfix: { ...hotfix, issue: null } })).toContain('It counts once the issue that remembers the debt is open.')
  const off = statusComment({ ...VIEW, hotfix: { ...hotfix, off: 'the label is gone' } })
  expect(off).toContain('It covers nothing at present, because the label is gone.')
  expect(off).not.toContain('without the proof')
  expect(statusComment(VIEW)).not.toContain('hotfix')
})

test('after a rollback the requests that failed are named by trace', () => {
  const { rollout } = VIEW
  if (rollout === null) throw new Error('there is a rollout')
  const traces = [{ id: '4bf9', url: 'https://traces.example/4bf9' }]
  expect(statusComment({ ...VIEW, rollout: { ...rollout, traces } })).toContain('by trace: [`4bf9`](https://traces.example/4bf9).')
  expect(statusComment(VIEW)).not.toContain('by trace')
})

test('a picture stands beside the traffic, with words for who does not see it, and cannot break out of its place', () => {
  const { rollout } = VIEW
  if (rollout === null) throw new Error('the view has a rollout')
  const url = 'https://conductor.example/pictures/7-3/1/10/aa.png?at=1'
  expect(statusComment({ ...VIEW, rollout: { ...rollout, picture: { url, step: 10 } } })).toContain(
    `![Share of failed requests, latency and requests a second of canary and stable at 10 % of prod](${url})`,
  )
  const hostile = { ...rollout, environment: 'x](http://evil) [', picture: { url: `${url})<script>`, step: 10 } }
  const shown = statusComment({ ...VIEW, rollout: hostile })
  expect(shown).not.toContain('](http://evil)')
  expect(shown).not.toContain('<script>')
  expect(statusComment(VIEW)).not.toContain('![')
})

test('shows state, gates with value and threshold, traffic, the line to paste, and what comes next', () => {
  const text = statusComment(VIEW)
  expect(text.startsWith(`${statusMarker(3)}\n`)).toBe(true)
  for (const part of [
    'canary',
    'findings 0 (`=0`)',
    'No image was looked at.',
    'Next: Run the phase again.',
    '✓ 10 % → 50 % → 100 %',
    '1. The judge looks at 50 %.',
    'P0 readiness: proven',
    'P1 baselines and previews: not built yet',
    '```mermaid',
    'errors 0.1 %',
  ])
    expect(text).toContain(part)
  expect(text.split('\n')).toContain(`> ${promoteLine({ id: PLAN, step: 50 })}`)
})

test('the line that is shown is the line that is understood', () => {
  expect(parse(promoteLine({ id: PLAN, step: 50 }))).toEqual({ kind: 'command', command: { name: 'promote', step: 50, plan: PLAN, reason: null } })
  expect(parse(promoteLine({ id: PLAN, step: 25 }))).toEqual({ kind: 'command', command: { name: 'promote', step: null, plan: PLAN, reason: null } })
})

test('what is not there is not shown', () => {
  const text = statusComment({ ...VIEW, plan: null, rollout: null, gates: [], phases: [], next: [] })
  for (const part of ['/promote', '### Traffic', '### Gates', '**Phases.**', 'What happens next']) expect(text).not.toContain(part)
})

test('smaller stops and what came of commands', () => {
  const stop = promoteLine({ id: PLAN, step: 10 })
  const text = statusComment({
    ...VIEW,
    stops: [stop],
    answers: [{ login: 'lead', command: '/promote', done: false, answer: 'Nothing was done.\n\n> ```\n> /promote 50\n> ```' }],
  })
  expect(text).toContain(`Or only so far: \`${stop}\`.`)
  expect(text).toContain('- 🚫 lead wrote `/promote`: Nothing was done.')
  expect(text).not.toMatch(/^\s*\//m)
})

test('a hold says who, why and until when', () => {
  expect(statusComment({ ...VIEW, state: 'held', held: { reason: 'vendor @down', by: 'lead', until: '2026-11-22T13:00:00.000Z' } })).toMatch(
    /\*\*Held\*\* by lead: vendor @\u2060down\. It rolls back at 2026/,
  )
})

/** What the App itself answers to a command when others chose these words. */
function answersTo(words: string): StatusView['answers'] {
  const stage = { ...rolloutOf({ stage: 'done', step: 100 }), last: false, environment: words }
  const range = { min: 1, max: 2 }
  const schema = { runs: range, before: range, unknown: '', version: words, live: 9, becomes: null, toldAt: NOW, accepted: null }
  const lock = { environment: words, release: '7#4', version: words, rollout: 1, since: NOW, fence: 1 }
  const heldBy = (owner: string) => ({ from: 'merged', reason: words, owner, at: NOW }) as const
  const stories: readonly (readonly [string, ReleaseState, Partial<ReleaseData>])[] = [
    ['/promote', 'held', { held: heldBy('lead') }],
    ['/hold it here', 'held', { held: heldBy(words) }],
    ['/rollback --rehearse', 'stage', { rollout: stage, rollouts: 1 }],
    ['/rollback it is bad', 'canary', { rollout: rolloutOf({ stage: 'baking', startedAt: NOW, shiftedAt: NOW, schema }), rollouts: 1 }],
  ]
  return stories.map(([command, state, data]) => {
    const facts = factsOf(fullOf({ pull: pullOf(MERGED), orders: [orderOf(command)] }), { locks: state === 'stage' ? [lock] : [] })
    const { answer } = dataOf(next(recordOf({ state }, data), facts).record).answers.at(-1) ?? { answer: '' }
    return { login: 'lead', command, done: false, answer }
  })
}

describe('whatever people write', () => {
  test('comes back escaped in what they are answered', () => {
    const answers = answersTo('![](https://evil.example/x.png) @acme/everyone <b>').map(({ answer }) => answer)
    expect(answers).toEqual([
      expect.stringContaining('Nothing was done: held by lead: '),
      expect.stringContaining(' already holds it.'),
      expect.stringContaining('is locked by '),
      expect.stringContaining('Nothing was changed: the live schema is 9, and '),
    ])
    for (const answer of answers) {
      expect(answer).toContain('https:\u2060//evil')
      expect(answer).toContain('@\u2060acme')
      expect(answer).not.toMatch(/(?<!\\)[[\]<!]/)
    }
  })

  test('in what they are answered it is no command and pings nobody either', () => {
    const words = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(words, fc.constantFrom('@all', '/promote', '\n/rollback it is bad', '<!-- -->', '> ```'), (noise, bad) => {
        const text = statusComment({ ...VIEW, answers: answersTo(bad + noise) })
        expect(parse(text)).toBeNull()
        expect(text).not.toMatch(/^\//m)
        expect(text.replace(/(`+)[^`]+\1/g, '')).not.toMatch(/@\w/)
        expect(text.split('<!--')).toHaveLength(2)
      }),
      { numRuns: 20 },
    )
  })

  test('it is bounded, it is no command, it pings nobody', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('@all', '/promote', '\n/rollback it is bad', '<!-- -->', '> ```'),
        fc.constantFrom('draft', 'ready', 'held', 'ga', 'rolled_back'),
        (noise, bad, state) => {
          const text = statusComment({
            ...VIEW,
            state,
            next: [noise + bad],
            answers: [{ login: bad, command: bad + noise, done: true, answer: 'Done.' }],
            held: { reason: bad + noise, by: noise, until: null },
            gates: [{ gate: 'policy_ci', verdict: 'fail', numbers: [], reason: bad + noise, next: noise }],
          })
          expect(parse(text)).toBeNull()
          expect(text).not.toMatch(/^\//m)
          // In code a mention pings nobody.
          expect(text.replace(/(`+)[^`]+\1/g, '')).not.toMatch(/@\w/)
          expect(text.split('<!--')).toHaveLength(2)
        },
      ),
    )
    const long = statusComment({ ...VIEW, next: Array.from({ length: 2000 }, () => 'é'.repeat(100)) })
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(65_535)
    expect(long.startsWith(statusMarker(3))).toBe(true)
  })
})
