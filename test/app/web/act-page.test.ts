import { describe, expect, test } from 'vitest'
import { actPage, signedFor } from '../../../app/web/act-page.ts'
import type { ReleaseState } from '../../../app/release/ports.ts'
import type { ReleaseData } from '../../../app/release/state.ts'
import { NOW, recordOf, rolloutOf } from '../../support/release.ts'
import { HOSTILE } from '../../support/shown.ts'

const BY = { id: 21, login: HOSTILE, form: 'f'.repeat(64) }
const of = (state: ReleaseState, data: Partial<ReleaseData> = {}): string =>
  actPage({ record: recordOf({ state }, data), by: BY, page: '/r', path: '/r/act' }).text

const HELD = { from: 'canary' as const, reason: HOSTILE, owner: 'second', at: NOW }
const ROLLOUT = { rollout: rolloutOf(), rollouts: 1 }

describe('only what makes sense is offered; the rest can be written', () => {
  test.each<[ReleaseState, Partial<ReleaseData>, readonly string[]]>([
    ['ready', {}, ['approve', 'hold', 'other']],
    ['canary', ROLLOUT, ['approve', 'hold', 'rollback', 'other']],
    ['held', { ...ROLLOUT, held: HELD }, ['approve', 'resume', 'rollback', 'other']],
    ['draft', {}, ['approve', 'other']],
    ['ga', ROLLOUT, ['rollback', 'other']],
    ['abandoned', {}, ['other']],
  ])('in %s', (state, data, commands) => {
    expect([...of(state, data).matchAll(/name="command" value="([a-z]+)"/g)].map(([, command]) => command)).toEqual(commands)
  })
})

test('every form holds its token and the commit that is shown', () => {
  const text = of('canary', ROLLOUT)
  const forms = text.match(/<form [^]*?<\/form>/g) ?? []
  expect(forms.filter((form) => form.includes(BY.form) && form.includes(`name="head" value="${recordOf().head}"`))).toHaveLength(4)
})

test('nobody is offered anything but the login', () => {
  const text = actPage({ record: recordOf(), by: null, page: '/r', path: '/r/act' }).text
  expect(text).toContain('href="/login?to=%2Fr%2Fact"')
  expect(text).not.toContain('<form')
})

test('what came of it is text, whatever stands in it', () => {
  const answer = {
    nodeId: 'page:1',
    comment: 0,
    command: HOSTILE,
    login: HOSTILE,
    at: NOW,
    done: false,
    answer: `Nothing was done \\(\`x\`\\).\n> \`\`\`\n> /promote\n> \`\`\`\n${HOSTILE}`,
  }
  const said = actPage({ record: recordOf(), by: BY, page: '/r', path: '/r/act', outcome: { kind: 'answered', answer } }).text
  expect(said).toContain('Nothing was done (x).')
  expect(said).toContain('/promote')
  expect(said + signedFor(recordOf(), { text: HOSTILE, head: 'a' }, BY).text).not.toMatch(/<script|\u202E/)
})
