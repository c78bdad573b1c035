import { describe, expect, test } from 'vitest'
import { Draft } from '../../../app/release/draft.ts'
import type { ReleaseData, Rollout } from '../../../app/release/state.ts'
import { servedAfter, unwanted, waitsForPeople, type Around, type Dispatch } from '../../../app/rollout/wanted.ts'
import { NOW, recordOf, rolloutOf } from '../../support/release.ts'

const STAGES: readonly Rollout['stage'][] = ['deploying', 'shifting', 'baking', 'waiting', 'done', 'withdrawing', 'withdrawn', 'left']
const MOVED = [{ step: 10, at: NOW }]
/** The version before runs up to 4. */
const STRANDED = {
  runs: { min: 4, max: 5 },
  before: { min: 3, max: 4 },
  unknown: '',
  version: 'v1.0.0',
  live: 5,
  becomes: null,
  toldAt: NOW,
  accepted: 'a split would take a year',
}
const REFUSED = { code: 'slo_breach', sentence: 'Roll back.', because: 'the live schema is 5', at: NOW }

function effect(path: string): Dispatch {
  return { kind: 'workflow.dispatch', key: `7#3/rollout/1/prod/${path}`, workflow: 'deploy.yml', ref: 'main', inputs: { environment: 'prod' } }
}

function draftOf(over: Partial<Rollout>, data: Partial<ReleaseData> = {}): Draft {
  return new Draft(recordOf({ state: 'canary' }, { rollout: rolloutOf(over), rollouts: 1, ...data }), new Map())
}

function why(path: string, over: Partial<Rollout>, around: Around = {}): string | null {
  return unwanted(draftOf(over), effect(path), 'prod', around)?.why ?? null
}

function stagesOf(path: string, over: Partial<Rollout> = {}): readonly string[] {
  return STAGES.filter((stage) => why(path, { ...over, stage }) === null)
}

describe('a run is wanted (T55)', () => {
  test.each<[string, readonly Rollout['stage'][]]>([
    ['10/run', ['deploying']],
    ['10/hook/pre/0', ['deploying']],
    ['10/hook/post/0', ['baking']],
    ['50/run', []],
    ['50/hook/pre/0', []],
    ['withdraw/1', ['withdrawing']],
    ['stay-home', ['withdrawn']],
    ['restore/1', ['withdrawn']],
    ['golden/0', ['withdrawn']],
    ['rehearsal/1/0', []],
    ['something/new', []],
  ])('%s: in its own stage alone', (path, stages) => {
    expect(stagesOf(path)).toEqual(stages)
  })

  test('not once what it does is done', () => {
    expect(why('restore/1', { stage: 'withdrawn', restored: { at: NOW, statement: '1'.repeat(64) } })).toContain('is deployed again already')
    expect(why('golden/0', { stage: 'withdrawn', passed: ['7#3/rollout/1/prod/golden/0'] })).toContain('green already')
    expect(why('10/hook/post/0', { stage: 'baking', passed: ['7#3/rollout/1/prod/10/hook/post/0'] })).toContain('green already')
    expect(why('withdraw/1', { stage: 'withdrawn' })).toContain('all traffic of prod is back already')
  })

  test('of a rehearsal while that runs', () => {
    const rehearsal = { number: 1, by: 'second', at: NOW, homeAt: NOW, endedAt: null, failed: null }
    expect(stagesOf('rehearsal/1/0', { rehearsal })).toContain('done')
    expect(stagesOf('rehearsal/2/0', { rehearsal })).toEqual([])
  })

  test('of an environment whose name ends like a step, of that environment alone', () => {
    const run = { ...effect(''), key: '7#3/rollout/1/eu/10/run/10/run', inputs: { environment: 'eu/10/run' } }
    const ask = (environment: string) => unwanted(draftOf({ environment }), run, 'eu/10/run', {})
    expect(ask('eu/10/run')).toBeNull()
    expect(ask('eu')?.why).toContain('is over')
  })

  test('to deploy once more only where the way back is closed, and a word on the schema opens it', () => {
    const over = { schema: STRANDED, moved: MOVED }
    expect(stagesOf('10/run', over)).toEqual(['deploying', 'shifting', 'baking', 'waiting'])
    expect(stagesOf('10/run', { ...over, refused: REFUSED })).toEqual(['deploying', 'shifting', 'baking', 'waiting', 'done'])
    expect(stagesOf('10/run', { ...over, step: 50 })).toEqual(['deploying'])
    expect(stagesOf('10/run', { ...over, step: 50, schema: { ...STRANDED, live: 4 } })).toEqual([])
  })
})

describe('while somebody holds the release', () => {
  test('a step waits; what goes back, and what says only which schema is live, does not', () => {
    const over = { schema: STRANDED, moved: MOVED, refused: REFUSED }
    expect(waitsForPeople(draftOf({}), effect('10/run'))).toBe(true)
    expect(waitsForPeople(draftOf({ ...over, step: 50 }), effect('50/run'))).toBe(true)
    expect(waitsForPeople(draftOf({ ...over, step: 50 }), effect('10/run'))).toBe(false)
    expect(waitsForPeople(draftOf({ stage: 'withdrawing' }), effect('withdraw/1'))).toBe(false)
  })
})

describe('another release', () => {
  const lock = { environment: 'prod', release: '7#4', version: 'v3.0.0', rollout: 1, since: NOW, fence: 2 }

  test('that has the environment keeps everything from it but the way back', () => {
    for (const [path, stage] of [
      ['10/run', 'deploying'],
      ['restore/1', 'withdrawn'],
      ['stay-home', 'withdrawn'],
    ] as const) {
      expect(why(path, { stage }, { locks: [lock] })).toContain('environment prod is locked by v3.0.0')
      expect(why(path, { stage }, { servedAfter: 'v3.0.0' })).toBe('v3.0.0 has served prod since')
      expect(
        why(
          path,
          { stage },
          {
            locks: [
              { ...lock, release: '7#3' },
              { ...lock, environment: 'stage' },
            ],
            servedAfter: null,
          },
        ),
      ).toBeNull()
    }
    const back = new Draft(recordOf({ state: 'rolling_back' }, { rollout: rolloutOf({ stage: 'withdrawn' }), rollouts: 1 }), new Map())
    for (const path of ['restore/1', 'golden/1']) {
      expect(unwanted(back, effect(path), 'prod', { locks: [lock] })).toBeNull()
      expect(unwanted(back, effect(path), 'prod', { locks: [lock], servedAfter: 'v3.0.0' })?.why).toBe('v3.0.0 has served prod since')
    }
    expect(unwanted(back, effect('stay-home'), 'prod', { locks: [lock] })?.why).toContain('locked by v3.0.0')
    expect(why('withdraw/1', { stage: 'withdrawing' }, { locks: [lock], servedAfter: 'v3.0.0' })).toBeNull()
  })

  test.each<[string, Partial<Rollout>, string | null]>([
    ['serves it since', { stage: 'done', moved: [{ step: 100, at: NOW + 1 }] }, 'v3.0.0'],
    ['bakes there since', { stage: 'baking', moved: [{ step: 10, at: NOW + 1 }] }, 'v3.0.0'],
    ['served it before', { stage: 'done', moved: [{ step: 100, at: NOW - 1 }] }, null],
    ['was taken back', { stage: 'withdrawn', moved: [{ step: 100, at: NOW + 1 }] }, null],
    ['serves another environment', { environment: 'stage', stage: 'done', moved: [{ step: 100, at: NOW + 1 }] }, null],
  ])('that %s', (_what, over, version) => {
    const record = recordOf({}, { rollout: rolloutOf({ stage: 'done', moved: MOVED }) })
    const other = recordOf({ key: '7#4', version: 'v3.0.0' }, { rollout: rolloutOf(over) })
    const ended = recordOf({ key: '7#4', version: 'v3.0.0' }, { ended: [rolloutOf(over)], rollout: null })
    expect(servedAfter(record, [record, other])).toBe(version)
    expect(servedAfter(record, [ended])).toBe(version)
  })

  test('is nothing to a release that never moved traffic', () => {
    expect(servedAfter(recordOf(), [recordOf({ key: '7#4' }, { rollout: rolloutOf({ stage: 'done' }) })])).toBeNull()
  })
})
