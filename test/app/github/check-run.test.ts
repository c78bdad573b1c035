import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anchored, LOOK_AGAIN, checkRun, superseded, waiting, pictured } from '../../../app/github/check-run.ts'
import type { CheckContext } from '../../../app/github/check-run.ts'
import { Outcome } from '../../../evidence/model/verdict.ts'
import type { Verdict } from '../../../evidence/model/verdict.ts'

const CONTEXT: CheckContext = { question: 'Do the commits follow the rules?', why: 'Notes are made of them.', pastDeadline: false }
const VERDICT: Verdict = {
  gate: 'policy_ci',
  env: 'all',
  sha: 'a'.repeat(40),
  verdict: 'pass',
  metrics: { findings: 0, commits: 3 },
  thresholds: { findings: '=0' },
  measured: { n: 3, window: 'aaa..bbb', source: 'git', query: 'git log aaa..bbb', data_digest: 'd'.repeat(64) },
  evidence: [{ path: 'ci/commit_lint.json', sha256: 'e'.repeat(64), sig: 'f'.repeat(64) }],
  reasons: [],
  agent: 'policy_ci@1',
  trace_id: '1'.repeat(32),
  at: '2026-11-22T12:00:00.000Z',
}
const reason = { code: 'policy_ci.findings', message: 'One commit by @someone breaks the rules.', next: 'Reword it.' } as const
const no = (verdict: Verdict['verdict'], more: Partial<Verdict> = {}): Verdict => ({ ...VERDICT, verdict, reasons: [reason], ...more })

const BY = { id: 1, login: 'a', role: 'admin', comment_node_id: 'IC_1', at: '2026-11-22T12:00:00.000Z' }
const WAIVER: NonNullable<CheckContext['waiver']> = {
  digest: '9'.repeat(64),
  predicate: {
    schema_version: 1,
    gate: 'policy_ci',
    environment: 'all',
    version: 'v2.0.0',
    sha: VERDICT.sha,
    rules: [],
    reason: 'a drill',
    granted_by: [BY, { ...BY, id: 2, login: 'b' }],
    granted_at: '2026-11-22T12:00:00.000Z',
    expires_at: '2026-11-25T12:00:00.000Z',
    issue: 7,
  },
}
const WAIVED = no('waived', { evidence: [{ path: 'attestations/waiver-policy_ci.sigstore.json', sha256: WAIVER.digest, sig: null }] })

const OF_HOTFIX: typeof WAIVER = {
  ...WAIVER,
  predicate: { ...WAIVER.predicate, gate: 'hotfix', version: 'v2.0.1', hotfix: { must_hold: ['hardening'], covers: ['policy_ci'] } },
}

describe('the mapping', () => {
  test.each([
    ['pass', VERDICT, {}, 'success'],
    ['fail', no('fail'), {}, 'failure'],
    ['indeterminate', no('indeterminate'), {}, 'action_required'],
    ['indeterminate past its deadline', no('indeterminate'), { pastDeadline: true }, 'timed_out'],
    ['waived, without its waiver', no('waived'), {}, 'action_required'],
    ['waived, by the waiver it cites', WAIVED, { waiver: WAIVER }, 'neutral'],
    ['waived, by another', no('waived', { evidence: [] }), { waiver: WAIVER }, 'action_required'],
    ['waived, on another commit', { ...WAIVED, sha: 'b'.repeat(40) }, { waiver: WAIVER }, 'action_required'],
    ['waived, another gate', { ...WAIVED, gate: 'slo' }, { waiver: WAIVER }, 'action_required'],
    ['waived, by the waiver of the hotfix', WAIVED, { waiver: OF_HOTFIX }, 'neutral'],
    ['waived, a gate that the hotfix does not cover', { ...WAIVED, gate: 'hardening' }, { waiver: OF_HOTFIX }, 'action_required'],
    ['waived, when it was over', { ...WAIVED, at: '2026-11-25T12:00:00.000Z' }, { waiver: WAIVER }, 'action_required'],
    ['failed, with a waiver that it does not cite', no('fail'), { waiver: WAIVER }, 'failure'],
    ['not applicable', no('not_applicable'), { declaredBy: 'c'.repeat(40) }, 'success'],
  ] as const)('%s', (_, verdict, context, conclusion) => {
    expect(checkRun(verdict, { ...CONTEXT, ...context })).toMatchObject({ status: 'completed', conclusion })
  })

  test('superseded is cancelled, and a new one is queued without a conclusion', () => {
    expect(superseded('b'.repeat(40))).toMatchObject({ status: 'completed', conclusion: 'cancelled' })
    expect(waiting(CONTEXT)).toMatchObject({ status: 'queued', conclusion: null })
  })

  test('no verdict at all becomes something that GitHub counts as passed by accident (T3)', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Outcome.options),
        fc.boolean(),
        fc.string(),
        fc.array(fc.record({ message: fc.string({ minLength: 1 }), next: fc.string({ minLength: 1 }) })),
        (verdict, pastDeadline, question, said) => {
          const run = checkRun(
            { ...VERDICT, verdict, reasons: said.map((one) => ({ code: 'policy_ci.findings', ...one })) },
            { ...CONTEXT, pastDeadline, question },
          )
          expect(['neutral', 'skipped', 'stale']).not.toContain(run.conclusion)
          expect(run.conclusion === 'success').toBe(verdict === 'pass' || verdict === 'not_applicable')
          expect(run.output.title.length).toBeLessThanOrEqual(255)
          expect(run.output.summary.length).toBeLessThanOrEqual(65_535)
        },
      ),
    )
  })
})

test('what is shown: question, value, threshold, kept, n, window, source, evidence', () => {
  const { output } = checkRun(VERDICT, CONTEXT)
  expect(output.title).toBe('Proven: findings 0 (=0)')
  for (const part of [
    'Do the commits follow',
    '| findings | 0 | `=0` | yes |',
    '| commits | 3 |  | no threshold |',
    '| n | 3 |',
    'aaa..bbb',
    '| source | git |',
    `\`${'d'.repeat(64)}\``,
  ])
    expect(output.summary).toContain(part)
  expect(output.text).toContain('ci/commit_lint.json')
  expect(output.text).toContain('e'.repeat(64))
})

test('a no says why and what next, and pings nobody', () => {
  const { output } = checkRun(no('fail', { metrics: { findings: 1 }, measured: null }), CONTEXT)
  expect(output.title).toBe('Blocked: One commit by @someone breaks the rules.')
  for (const part of ['`policy_ci.findings`', '**Next:** Reword it.', '**no**', '**Measured.** Nothing.']) expect(output.summary).toContain(part)
  expect(output.summary).not.toContain('@someone')
})

const LONG = 65_536
test.each([
  ['a storm of mentions', '@acme/everyone '.repeat(5000)],
  ['HTML', '<img src=x onerror=alert(1)><script>alert(1)</script>'],
  ['a picture from elsewhere', '![x](https://evil.example/x.png)'],
  ['our own marker', '<!-- release-conductor:status:3 -->'],
  ['a command', 'x\n/promote 100 plan:0123456789abcdef0123456789abcdef'],
  ['right to left', '\u202Egpj.exe \u2067שלום مرحبا\u2069'],
  ['nothing but emoji', '👩‍👩‍👧‍👦'.repeat(LONG / 11)],
  ['as much as fits nowhere', 'é'.repeat(LONG)],
])('%s in titles, branch names and commit messages has no effect in a check, and stays within its limits', (_, text) => {
  const words = { ...reason, message: `The commit "${text}" breaks the rules.`, next: `Reword ${text}.` }
  const evidence = [{ path: text, sha256: 'e'.repeat(64), sig: null }]
  const measured = { n: 3, window: text, source: text, query: `git log ${text}`, data_digest: 'd'.repeat(64) }
  const { output } = checkRun(no('fail', { reasons: [words], evidence, measured }), CONTEXT)
  expect(output.title.startsWith('Blocked: The commit')).toBe(true)
  expect(Buffer.byteLength(output.title)).toBeLessThanOrEqual(255)
  for (const part of [output.title, output.summary, output.text ?? '']) {
    expect(part.isWellFormed()).toBe(true)
    expect(Buffer.byteLength(part)).toBeLessThanOrEqual(65_535)
    expect(part).not.toMatch(/[\u202A-\u202E\u2066-\u2069]|^\//m)
  }
  const outsideCode = `${output.summary}${output.text ?? ''}`.replace(/(`+)[^`]+\1/g, '')
  expect(outsideCode).not.toMatch(/@\w|<(?:img|script|!--)|\]\(https:\/\/evil/)
})

test('not applicable cites who declared it', () => {
  expect(
    checkRun(no('not_applicable', { reasons: [{ ...reason, message: 'no search index' }] }), { ...CONTEXT, declaredBy: 'abc' }).output.title,
  ).toBe('not applicable: no search index, declared by abc')
})

test('a checkpoint of the ledger stands whole at the end of the text, however long the rest is', () => {
  const note = 'origin\n3\nroot\n\n— origin sig\n'
  const { output } = checkRun(VERDICT, CONTEXT)
  const short = anchored(output, note)
  expect(short.text?.startsWith(output.text ?? 'x')).toBe(true)
  expect(short).toMatchObject({ title: output.title, summary: output.summary })
  for (const text of [short.text, anchored({ ...output, text: '€'.repeat(70_000) }, note).text]) {
    expect(Buffer.byteLength(text ?? '')).toBeLessThanOrEqual(65_535)
    expect(text?.endsWith('```text\norigin\n3\nroot\n\n— origin sig\n```')).toBe(true)
  }
  expect(anchored({ title: '', summary: '' }, note).text).toContain('origin\n3\n')
})

test('pictures stand below the words, cannot break out of their place, and go when there is no room', () => {
  const state = { status: 'completed', conclusion: 'success', output: { title: 't', summary: 'words' } } as const
  expect(pictured(state, [])).toBe(state)
  expect(pictured(state, [{ words: 'x](http://evil) [', url: 'https://conductor.example/a.png)<script>' }]).output.summary).toBe(
    String.raw`words` +
      '\n\n' +
      String.raw`![x\]\(http:\u2060//evil\) \[](https://conductor.example/a.png%3Cscript%3E)`.replace(String.raw`\u2060`, '\u2060'),
  )
  const long = { ...state, output: { title: 't', summary: 'w'.repeat(65_530) } }
  expect(pictured(long, [{ words: 'x', url: 'https://conductor.example/a.png' }])).toBe(long)
})

const asks = (verdict: 'fail' | 'indeterminate' | 'pass' | 'not_applicable', lookedAt: boolean) =>
  checkRun(verdict === 'pass' ? VERDICT : no(verdict), { ...CONTEXT, lookedAt }).actions ?? []

test('a gate that does not hold has a button, where agents can look again; a gate that holds has none (T8)', () => {
  for (const verdict of ['fail', 'indeterminate'] as const) {
    expect(asks(verdict, true)).toEqual([LOOK_AGAIN])
    expect(asks(verdict, false)).toEqual([])
  }
  for (const verdict of ['pass', 'not_applicable'] as const) expect(asks(verdict, true)).toEqual([])
  expect([LOOK_AGAIN.label.length <= 20, LOOK_AGAIN.description.length <= 40, LOOK_AGAIN.identifier.length <= 20]).toEqual([true, true, true])
})

const summaryOf = (verdict: Verdict, context: Partial<CheckContext>): string => checkRun(verdict, { ...CONTEXT, ...context }).output.summary

describe('the trend against the version that was released last', () => {
  const last = { version: 'v1.9.0', metrics: { findings: 2, commits: 3 } }

  test('stands beside each number, with the change', () => {
    const summary = summaryOf({ ...VERDICT, metrics: { findings: 0.5, commits: 3, extra: 1 } }, { last })
    expect(summary).toContain('| what | value | threshold | kept? | in v1.9.0 |')
    expect(summary).toMatch(/\| findings \| 0\.5 \| `=0` \| \*\*no\*\* \| 2 \(-1\.5\) \|/)
    expect(summary).toMatch(/\| commits \| 3 \| .* \| 3 \|/)
    expect(summary).toMatch(/\| extra \| 1 \| .* \| not measured \|/)
    expect(summaryOf({ ...VERDICT, metrics: { findings: 4, commits: 3 } }, { last })).toContain('2 (+2)')
  })

  test('is not spoken of when there is none', () => {
    expect(summaryOf(VERDICT, {})).toContain('| what | value | threshold | kept? |\n|---|---|---|---|\n')
    expect(summaryOf(VERDICT, { last: { version: 'v1.9.0', metrics: {} } })).not.toContain('v1.9.0')
    expect(summaryOf({ ...VERDICT, metrics: {}, thresholds: {} }, { last })).not.toContain('v1.9.0')
  })
})

test('attempts are numbered, and linked where they are known', () => {
  expect(summaryOf(VERDICT, { attempts: ['https://github.test/runs/1', null, 'https://github.test/runs/(2)'] })).toContain(
    '**Attempts on this commit.** [1](https://github.test/runs/1), 2, [3](https://github.test/runs/2)',
  )
  expect(summaryOf(VERDICT, { attempts: [] })).not.toContain('Attempts')
})
