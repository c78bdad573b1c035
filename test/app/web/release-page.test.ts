import { expect, test } from 'vitest'
import { releasePage, releaseTitle } from '../../../app/web/release-page.ts'
import { releaseView, type Known } from '../../../app/web/release-view.ts'
import { emptyData } from '../../../app/release/state.ts'
import { HOSTILE, knownRelease } from '../../support/shown.ts'
import { HEAD, NOW, OTHER_HEAD, recordOf, rolloutOf, voiceOf } from '../../support/release.ts'

const pageOf = (known: Known): string =>
  releasePage(releaseView(known), {
    picture: (rollout, step, at) => `/pictures/${rollout}/${step}?at=${at}`,
    web: 'https://github.com',
    act: null,
    older: null,
  }).text.replace(/\s+/g, ' ')

test('one glance: state, why it waits, traffic, gates with their numbers, who approved, packs, and how it came to this', () => {
  const page = pageOf(knownRelease())
  for (const part of [
    '<h1>Release v2.0.0 of acme/shop</h1>',
    '<strong>Held</strong> by second',
    'waiting for the desk',
    '<a href="https://github.com/acme/shop/pull/3">Pull request 3</a>',
    'aria-label="50 % of prod on v2.0.0, 50 % on the version before"',
    'The judge: Hold: it bakes for another 3 s.',
    'src="/pictures/1/50?at=',
    '<dt>findings</dt> <dd>1 <span class="soft">(=0)</span></dd>',
    '<dt>n</dt> <dd>3</dd>',
    'approver (maintain) promoted prod up to 100 %',
    'and a drill spent the budget',
    'By approver and second, until',
    '<code>/promote</code>',
    `<code>${'f'.repeat(64)}</code>`,
    '<dt>kept in</dt> <dd>archive</dd>',
    'release-conductor evidence verify evidence.zip',
    'approver promoted prod up to 100 %',
  ])
    expect(page).toContain(part)
  expect(releaseTitle(releaseView(knownRelease()))).toBe('v2.0.0 of acme/shop: canary')
})

test('the waiver of a hotfix is one card, with the gates it covers, and why it covers none', () => {
  const granted = {
    gate: 'hotfix' as const,
    lane: { must_hold: ['policy_ci' as const], covers: ['perf' as const, 'slo' as const] },
    reason: 'the checkout is down',
    head: HEAD,
    grantedBy: [voiceOf(), voiceOf({ login: 'second', id: 22 })],
    grantedAt: NOW,
    expiresAt: NOW + 86_400_000,
  }
  const page = (over: object): string =>
    pageOf({ record: recordOf({}, { waivers: [{ ...granted, ...over }] }), verdicts: [], outbox: [], ledger: [], entries: 0 })
  expect(page({})).toContain('Covers <code>perf</code>, <code>slo</code>. These must hold as always: <code>policy_ci</code>.')
  expect(page({})).toMatch(/<code>hotfix<\/code>.*waived/)
  expect(page({ off: 'the label is gone' })).toContain('It covers nothing at present, because the label is gone.')
  expect(page({ off: 'the label is gone' })).toContain('covers nothing<')
  expect(page({ head: OTHER_HEAD })).toContain('of another commit')
  expect(page({ settled: { at: NOW, why: 'v2.0.2 contains it', proven: true } })).toContain('The record is closed: v2.0.2 contains it')
})

test('what people wrote is text', () => {
  const page = pageOf(knownRelease(HOSTILE))
  expect(page).not.toContain('<script')
  expect(page).not.toContain('\u202E')
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
})

test('a release of which nothing is known yet has a page that says so', () => {
  const page = pageOf({ record: recordOf({}, emptyData(NOW)), verdicts: [], outbox: [], ledger: [], entries: 0 })
  expect(page).toContain('Nobody has promoted it yet.')
  expect(page).toContain('Nothing is sealed yet.')
  expect(page).not.toContain('<h2>Gates</h2>')
})

test('a rollout that went back says why, beside the one after it', () => {
  const ended = rolloutOf({ number: 1, stage: 'withdrawn', why: { code: 'breach', sentence: 'Roll back: 9 of 10 failed.' } })
  const page = pageOf({
    record: recordOf({ state: 'rolled_back' }, { ended: [ended], rollout: rolloutOf({ number: 2 }), rollouts: 2 }),
    verdicts: [],
    outbox: [],
    ledger: [],
    entries: 0,
  })
  expect(page).toContain('Roll back: 9 of 10 failed.')
  expect(page.indexOf('id="rollout-2"')).toBeLessThan(page.indexOf('id="rollout-1"'))
})

test('data of another version of the App shows less, and fails nothing', () => {
  const known = knownRelease()
  const page = pageOf({ ...known, record: { ...known.record, data: { ...known.record.data, view: { version: 1 } } } })
  expect(page).toContain('<h1>Release v2.0.0 of acme/shop</h1>')
  expect(page).not.toContain('<h2>Gates</h2>')
})
