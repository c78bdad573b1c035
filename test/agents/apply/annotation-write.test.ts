/** Annotations on the double of Grafana: posted once, found again after a process was killed, and only ours taken back. */
import { expect, onTestFinished, test } from 'vitest'
import { Anything as PASSED } from '../../../agents/apply/hub.ts'
import { carryOut, takeBack, type Work } from '../../../agents/apply/carry-out.ts'
import type { Hub } from '../../../agents/apply/hub.ts'
import { openGrafana } from '../../../agents/collect/grafana.ts'
import type { PlannedAction } from '../../../evidence/model/action-plan.ts'
import { startGrafana, type Grafana } from '../../support/grafana/index.ts'
import { action, memory, setOf } from './stage.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const TAGS = ['release-conductor', 'repository:acme/shop', 'release:v2.0.0']
const WRITER = ['annotations:read', 'annotations:create', 'annotations:delete']
const never = async (): Promise<never> => Promise.reject(new Error('GitHub is not asked'))
const hub: Hub = { repository: 'acme/shop', login: 'dev', read: never, write: never }

async function started(): Promise<Grafana> {
  const grafana = await startGrafana()
  onTestFinished(async () => grafana[Symbol.asyncDispose]())
  return grafana
}

function annotation(url: string, text = 'Release v2.0.0', over: object = {}): PlannedAction {
  return action('annotation.write', 'annotations/v2.0.0', JSON.stringify({ grafana: url, tags: TAGS, text, ...over }))
}

function work(grafana: Grafana, planned = annotation(grafana.url), over: Partial<Work> = {}): Work {
  const opened = openGrafana(grafana.url, grafana.tokenOf(...WRITER))
  return { set: setOf('b'.repeat(40), null, planned), hub, grafana: opened, journal: memory(), now: () => NOW, simulate: false, ...over }
}

const states = (outcomes: Awaited<ReturnType<typeof carryOut>>) => outcomes.map(({ state }) => state)
const written = ({ asked }: Grafana) => asked.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`)

test('it is posted once, by whoever asks, and then it is gone again', async () => {
  const grafana = await started()
  const one = work(grafana)
  expect(states(await carryOut({ ...one, simulate: true }))).toEqual(['would change'])
  expect([written(grafana), one.journal.entries]).toEqual([[], []])
  expect(await carryOut(one)).toMatchObject([{ state: 'changed', says: `Annotation 1 of ${grafana.url} says it.` }])
  expect(grafana.annotations).toMatchObject([
    { id: 1, time: NOW, text: 'Release v2.0.0', tags: [...TAGS, expect.stringMatching(/^change:[0-9a-f]{32}$/)] },
  ])
  expect(states(await carryOut(one))).toEqual(['same'])
  expect(states(await carryOut({ ...one, journal: memory() }))).toEqual(['same'])
  expect(written(grafana)).toEqual(['POST /api/annotations'])
  expect(states(await takeBack({ ...one, simulate: true }))).toEqual(['would change'])
  expect(states(await takeBack(one))).toEqual(['undone'])
  expect(grafana.annotations).toEqual([])
  expect(states(await takeBack(one))).toEqual([])
  expect(states(await carryOut(one))).toEqual(['changed'])
  grafana.assertClean()
})

test.each(['before', 'after'] as const)(
  'cut off %s it was posted: written down first, and posted exactly once when it is run again',
  async (side) => {
    const grafana = await started()
    const one = work(grafana)
    grafana.next('POST', side)
    expect(states(await carryOut(one))).toEqual(['failed'])
    expect(one.journal.entries.map(({ step }) => step)).toEqual(['begun'])
    expect(states(await carryOut(one))).toEqual(['changed'])
    expect([grafana.annotations.length, one.journal.entries.map(({ step }) => step)]).toEqual([1, ['begun', 'done']])
    grafana.next('DELETE', side)
    expect(states(await takeBack(one))).toEqual(['failed'])
    expect(states(await takeBack(one))).toEqual(['undone'])
    expect(grafana.annotations).toEqual([])
  },
)

test('others stay: those of other releases, of other plans for this one, and of people', async () => {
  const grafana = await started()
  const [earlier, one] = [work(grafana, annotation(grafana.url, 'Release v2.0.0 as it was')), work(grafana)]
  await carryOut(earlier)
  await openGrafana(grafana.url, grafana.tokenOf(...WRITER))?.write('POST', '/api/annotations', 'annotations:create', PASSED, {
    tags: TAGS,
    text: 'mine',
  })
  await carryOut(one)
  expect(grafana.annotations).toHaveLength(3)
  await takeBack(one)
  expect(grafana.annotations.map(({ text }) => text)).toEqual(['Release v2.0.0 as it was', 'mine'])
})

test('a token that may not, none, and one for another Grafana: nothing is posted, and what is missing is said', async () => {
  const grafana = await started()
  const reader = openGrafana(grafana.url, grafana.tokenOf('annotations:read'))
  const [refused] = await carryOut(work(grafana, undefined, { grafana: reader }))
  expect(refused).toMatchObject({ state: 'failed', says: expect.stringContaining('lacks annotations:create') as string })
  const [nobody] = await carryOut(work(grafana, undefined, { grafana: null }))
  expect(nobody).toMatchObject({ state: 'failed', next: expect.stringContaining('Set GRAFANA_URL') as string })
  const [other] = await carryOut(work(grafana, annotation('https://grafana.evil.example')))
  expect(other).toMatchObject({ state: 'failed', says: expect.stringContaining('the token was given for http://127.0.0.1') as string })
  expect([grafana.annotations, grafana.violations]).toEqual([[], []])
})

test.each([
  ['tags that Grafana would cut', { tags: ['release:v2:0'] }],
  ['no tags', { tags: [] }],
  ['no text', { text: '' }],
  ['something unknown', { dashboard: 1 }],
])('%s: the plan is not carried out', async (_what, over) => {
  const grafana = await started()
  expect(await carryOut(work(grafana, annotation(grafana.url, 'x', over)))).toMatchObject([{ state: 'failed', next: 'Plan again.' }])
  expect(grafana.asked).toEqual([])
})
