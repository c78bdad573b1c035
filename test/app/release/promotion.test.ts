import type { Kind } from '../../../app/limits.ts'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { GATES } from '../../../gates/index.ts'
import type { Counts } from '../../../app/judge/counts.ts'
import { Draft } from '../../../app/release/draft.ts'
import type { FullFacts, Settings } from '../../../app/release/facts.ts'
import { agreedTo, beginRollout, currentPlan, extendable, promoteLines, target } from '../../../app/release/promotion.ts'
import type { EvidenceRow } from '../../../app/release/ports.ts'
import { registryOf } from '../../../evidence/slo/registry.ts'
import { planId, policyDigest } from '../../../evidence/pack/evidence-root.ts'
import { commandPolicy } from '../../../gates/policy/decide.ts'
import {
  agreedOf,
  configOf,
  configText,
  deployedRow,
  factsOf,
  fullOf,
  MERGED,
  NOW,
  originOf,
  OTHER_HEAD,
  pullOf,
  recordOf,
  rolloutOf,
  rowOf,
  SETTINGS,
  verdictOf,
  verdictsOf,
  voiceOf,
} from '../../support/release.ts'

const SEALED = rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null })
const FULL = fullOf({ pull: pullOf(MERGED) })
const NOTHING = { objectives: [], others: [] }
const SERVING = { version: 'v1.9.0', sha: OTHER_HEAD, digests: { shop: `sha256:${'6'.repeat(64)}` } }
const AROUND = { now: NOW, settings: SETTINGS }

function draftOf(data: Parameters<typeof recordOf>[1] = {}, over: Parameters<typeof recordOf>[0] = {}): Draft {
  return new Draft(recordOf({ state: 'merged', ...over }, data), new Map([[SEALED.key, SEALED]]))
}

const TWO = configOf(
  configText().replace(
    'environments:\n',
    'environments:\n  stage: { deploy: { workflow: stage.yml }, router: proxy, metrics: scrape, steps: [100] }\n',
  ),
)

const upTos = (upTo: number): readonly number[] | undefined =>
  promoteLines(draftOf({ rollout: rolloutOf({ stage: 'waiting', upTo }) }, { state: 'canary' }), FULL, AROUND)?.lines.map((line) => line.upTo)

const measuring = (sources: Settings['sources']) => ({ now: NOW, settings: { ...SETTINGS, ...(sources === undefined ? {} : { sources }) } })

describe('what is next', () => {
  test('the first environment that does not serve it yet, with its steps', () => {
    expect(target(draftOf(), FULL, AROUND)).toEqual({ environment: 'prod', steps: [10, 50, 100], held: NOTHING })
    expect(target(draftOf(), { ...FULL, config: TWO }, AROUND)).toEqual({ environment: 'stage', steps: [100], held: NOTHING })
    expect(target(draftOf({ completed: ['stage'] }), { ...FULL, config: TWO }, AROUND)).toMatchObject({ environment: 'prod', steps: [10, 50, 100] })
  })

  const timed = { ...FULL, config: configOf(configText().replace(', absence: { latency: zero }', '')) }

  test.each<[string, FullFacts, Settings['sources'], RegExp | null]>([
    [
      'a source that the operator does not name',
      FULL,
      { other: { latency: true } },
      /^prod names the metrics source scrape, which is not in the operator's file/,
    ],
    ['a name that every object has', FULL, {}, /not in the operator's file/],
    [
      'a source that tells no latency',
      timed,
      { scrape: { latency: false } },
      /tells no latency: give that source a histogram .* or say absence: \{ latency: zero \}/,
    ],
    ['that source, of a service without latency', FULL, { scrape: { latency: false } }, null],
    ['a source that tells latency', timed, { scrape: { latency: true } }, null],
    ['sources that are not known', timed, undefined, null],
  ])('%s', (_what, full, sources, words) => {
    const found = target(draftOf(), full, measuring(sources))
    expect(typeof found === 'string' ? found : '').toMatch(words ?? /^$/)
  })

  test.each<[string, string, readonly string[] | undefined, RegExp | null]>([
    ['a router that the operator does not name', '', ['other'], /^prod names the router proxy, which is not in the operator's file/],
    ['a flag that the operator does not name', ', flags: [banner]', ['proxy'], /^prod names the router banner, which is not in the operator's file/],
    ['a router and a flag that are there', ', flags: [banner]', ['proxy', 'banner'], null],
    ['routers that are not known', ', flags: [banner]', undefined, null],
  ])('%s', (_what, more, routers, words) => {
    const full = { ...FULL, config: configOf(configText({}, more)) }
    const found = target(draftOf(), full, { now: NOW, settings: { ...SETTINGS, ...(routers === undefined ? {} : { routers }) } })
    expect(typeof found === 'string' ? found : '').toMatch(words ?? /^$/)
  })

  describe('what the operator gave to other repositories is as unknown as what is not there', () => {
    const hooked = configOf(configText({}, ', hooks: { pre: [{ webhook: desk }] }, golden_paths: [{ url: checkout }]'))
    const known = { routers: ['proxy'], sources: { scrape: { latency: true } }, webhooks: ['desk'], probes: ['checkout'] }
    const said = (settings: Partial<Settings>): string => {
      const found = target(draftOf(), { ...FULL, config: hooked }, { now: NOW, settings: { ...SETTINGS, ...known, ...settings } })
      return typeof found === 'string' ? found : ''
    }

    test.each<[string, Kind, string, Partial<Settings>]>([
      ['a router', 'routers', 'proxy', { routers: [] }],
      ['a metrics source', 'metrics', 'scrape', { sources: {} }],
      ['a hook', 'webhooks', 'desk', { webhooks: [] }],
      ['a golden path', 'probes', 'checkout', { probes: [] }],
    ])('%s', (_what, kind, name, absent) => {
      const words = said(absent)
      expect(words).toContain(`${name}, which is not in the operator's file`)
      expect(said({ limits: { [kind]: { [name]: ['other/shop', 'acme/shop2'] } } })).toBe(words)
      expect(said({ limits: { [kind]: { [name]: ['Acme/*'] } } })).toBe('')
      expect(said({ limits: { [kind]: { [name]: ['other/x', 'ACME/Shop'] } } })).toBe('')
    })
  })

  describe('the objectives of its canary', () => {
    const { slos } = registryOf([
      { path: 'slo/availability.yaml', text: readFileSync('test/shop/v1/slo/availability.yaml', 'utf8') },
      { path: 'slo/latency.yaml', text: readFileSync('test/shop/v1/slo/latency.yaml', 'utf8') },
    ])
    const full: FullFacts = { ...FULL, slos: { ok: true, slos } }
    const counts: Counts = {
      requests: [{ metric: 'http_requests_total', matchers: [] }],
      errors: [{ metric: 'http_requests_total', matchers: [{ label: 'code', op: '=~', value: '5..' }] }],
      latency: null,
    }
    const around = measuring({ scrape: { latency: false, counts } })

    test('are those that its source tells; the others are named with why, in the comment and in the answer', () => {
      const other = { name: 'latency', why: 'the metrics source tells no latency' }
      expect(target(draftOf(), full, around)).toMatchObject({ held: { objectives: [{ name: 'availability', target: 0.99 }], others: [other] } })
      expect(promoteLines(draftOf(), full, around)?.objectives).toBe(
        'The canary is also held to availability (99 %): a budget that burns fast sends it back. Not watched during the rollout: latency (the metrics source tells no latency).',
      )
      const timed = measuring({
        scrape: {
          latency: true,
          counts: { ...counts, latency: { counted: [{ metric: 'http_request_duration_seconds', matchers: [] }], unit: 's' } },
        },
      })
      expect(promoteLines(draftOf(), full, timed)?.objectives).toBe(
        'The canary is also held to availability (99 %), latency (95 % within 250 ms): a budget that burns fast sends it back.',
      )
    })

    test('are none where nobody knows what the source counts, and all are named', () => {
      expect(target(draftOf(), full, AROUND)).toMatchObject({ held: { objectives: [], others: [{ name: 'availability' }, { name: 'latency' }] } })
    })

    test('whose files cannot be read promote nothing', () => {
      expect(target(draftOf(), { ...FULL, slos: { ok: false, message: 'slos names slo/*.yaml, and there is no such file' } }, around)).toMatch(
        /^prod would not be watched as the config says: slos names/,
      )
    })

    test('are frozen with the rollout, and the ledger says which before traffic moves', () => {
      const draft = draftOf()
      const found = target(draft, full, around)
      if (typeof found === 'string') throw new Error(found)
      beginRollout(draft, factsOf(full), full, { environment: 'prod', agreed: agreedOf({ upTo: 50 }), held: found.held })
      expect(draft.data.rollout?.policy.compare?.objectives).toEqual([{ name: 'availability', target: 0.99 }])
      expect(draft.events.find((event) => event.type === 'decision')?.data).toMatchObject({
        objectives: [{ name: 'availability', target: 0.99 }],
        not_watched: [{ name: 'latency' }],
      })
    })
  })

  test('the one whose rollout runs', () => {
    const data = { rollout: rolloutOf({ stage: 'waiting' }), completed: ['stage'] }
    expect(target(draftOf(data), { ...FULL, config: TWO }, AROUND)).toMatchObject({ environment: 'prod' })
  })

  test.each<[string, Draft, FullFacts, RegExp]>([
    ['before the merge', draftOf({}, { state: 'ready' }), fullOf(), /not merged/],
    ['with a red gate', draftOf(), { ...FULL, verdicts: verdictsOf('fail') }, /all_required_gates is fail/],
    ['on hold', draftOf({ held: { from: 'merged', reason: 'wait', owner: 'second', at: NOW } }), FULL, /held by second/],
    ['when it serves everyone', draftOf({}, { state: 'ga' }), FULL, /serves everyone/],
    ['after a rollback', draftOf({}, { state: 'rolled_back' }), FULL, /rolled back/],
    ['when all is done', draftOf({ completed: ['prod'] }), FULL, /every environment/],
    ['without environments', draftOf(), { ...FULL, config: { ...configOf(), config: { ...configOf().config, environments: {} } } }, /no environment/],
    [
      'without a router to take traffic back',
      draftOf(),
      { ...FULL, config: configOf(configText().replace('router: proxy, ', '')) },
      /names no router/,
    ],
    ['without metrics to judge by', draftOf(), { ...FULL, config: configOf(configText().replace('metrics: scrape, ', '')) }, /names no metrics/],
    ['without a config', draftOf(), { ...FULL, config: { ok: false, code: 'config.invalid', message: 'line 3' } }, /line 3/],
  ])('nothing %s (T18)', (_when, draft, full, why) => {
    expect(target(draft, full, AROUND)).toMatch(why)
    expect(promoteLines(draft, full, AROUND)).toBeNull()
  })
})

describe('a way back over the schema', () => {
  const file = ', schema: { file: db/schema.json }'
  const known = { runs: { min: 41, max: 42 }, before: { min: 40, max: 41 }, version: 'v1.9.0' }
  const asked = (schema: Partial<FullFacts['schemas'][string]>, live: number | null = 41, prod = file): FullFacts => ({
    ...FULL,
    config: configOf(configText({}, prod)),
    schemas: { prod: { ...known, ...schema } },
    live: live === null ? {} : { prod: { live, at: NOW } },
  })

  test.each<[string, FullFacts, RegExp | null]>([
    ['that stays', asked({}), null],
    ['that nobody can tell: the version before says nothing', asked({ before: 'there is no db/schema.json at 222222222222' }), null],
    ['that is gone already, so that only forward is safe', asked({ runs: { min: 42, max: 42 } }, 42), null],
    [
      'that it would take away',
      asked({ runs: { min: 42, max: 42 } }),
      /^there would be no way back from prod: this version runs schema 42 and v1.9.0 40..41, .*accept it with environments.prod.rollback.forward_only/,
    ],
    ['that it would take away, accepted', asked({ runs: { min: 42, max: 42 } }, 41, `${file}, rollback: { forward_only: the table is gone }`), null],
    [
      'whose file on the release branch cannot be read',
      asked({ runs: 'there is no db/schema.json at 111111111111' }),
      /not known: there is no db\/schema.json/,
    ],
    ['whose live schema this version cannot run', asked({}, 43), /^prod cannot run it: the live schema is 43, and this version runs 41..42/],
    ['that was not asked for', { ...asked({}), schemas: {} }, /was not read/],
  ])('%s', (_what, full, words) => {
    const found = target(draftOf(), full, AROUND)
    expect(typeof found === 'string' ? found : '').toMatch(words ?? /^$/)
    expect(promoteLines(draftOf(), full, AROUND) === null).toBe(words !== null)
  })

  test('is in the plan, and frozen with the rollout', () => {
    const full = asked({})
    expect(currentPlan(draftOf(), full, 'prod', 100).schemaRange).toBe('41..42, before 40..41')
    expect(currentPlan(draftOf(), FULL, 'prod', 100).schemaRange).toBeNull()
    const draft = draftOf()
    beginRollout(draft, factsOf(full), full, { environment: 'prod', agreed: agreedOf(), held: NOTHING })
    expect(draft.data.rollout?.schema).toMatchObject({ ...known, live: 41, accepted: null })
    const later = { ...full, schemas: {} }
    expect(currentPlan(draft, later, 'prod', 100).schemaRange).toBe('41..42, before 40..41')
  })

  test.each<[string, FullFacts, string | null]>([
    ['by the config', asked({}, 41, `${file}, rollback: { forward_only: the table is gone }`), 'the table is gone'],
    ['because it was gone before', asked({}, 42), 'the live schema is 42, and v1.9.0 runs 40..41'],
    ['not at all', asked({}), null],
  ])('that is missing is accepted %s', (_how, full, accepted) => {
    const draft = draftOf()
    beginRollout(draft, factsOf(full), full, { environment: 'prod', agreed: agreedOf(), held: NOTHING })
    expect(draft.data.rollout?.schema?.accepted).toBe(accepted)
  })
})

function response(run: number, digest: string): EvidenceRow {
  const predicate = { topic: 'commits', agent: { id: 'A12', name: 'lint-marshal', version: 1 }, origin: originOf(run) }
  return {
    evidence: { kind: 'agent-response', digest, signer: 'demo', predicate } as unknown as EvidenceRow['evidence'],
    bundle: '4'.repeat(64),
    files: [],
    source: `artifact:${run}`,
  }
}

describe('the plan id', () => {
  const idOf = (full: FullFacts = FULL, draft = draftOf(), upTo = 100, environment = 'prod'): string =>
    planId(currentPlan(draft, full, environment, upTo))
  const evidence = [response(5, 'a'.repeat(64))]

  test.each<[string, string]>([
    ['another head', idOf(FULL, draftOf({}, { head: OTHER_HEAD }))],
    ['another base', idOf({ ...FULL, pull: pullOf({ ...MERGED, base: { ref: 'support/1.x', sha: 'b'.repeat(40) } }) })],
    ['another step', idOf(FULL, draftOf(), 50)],
    ['another environment', idOf(FULL, draftOf(), 100, 'stage')],
    ['another version', idOf(FULL, draftOf({}, { version: 'v2.0.1' }))],
    ['another verdict', idOf({ ...FULL, verdicts: [verdictOf('policy_ci', 'fail'), ...verdictsOf().slice(1)] })],
    [
      'another number behind the same verdict',
      idOf({
        ...FULL,
        verdicts: [verdictOf('policy_ci', 'pass', 'gate.crashed', { metrics: { findings: 0, commits: 4 } }), ...verdictsOf().slice(1)],
      }),
    ],
    ['another gate set', idOf({ ...FULL, verdicts: verdictsOf().slice(1) })],
    ['another policy', idOf({ ...FULL, config: configOf(`${configText()}# changed\n`) })],
    ['other evidence', idOf({ ...FULL, evidence })],
    ['a newer statement of the same agent', idOf({ ...FULL, evidence: [...evidence, response(6, 'b'.repeat(64))] })],
    ['other digests in production', idOf({ ...FULL, deployed: { prod: SERVING } })],
  ])('is another one for %s', (_what, other) => {
    expect(other).toMatch(/^[0-9a-f]{32}$/)
    expect(other).not.toBe(idOf())
  })

  test.each<[string, string]>([
    ['time passed', idOf({ ...FULL, verdicts: verdictsOf('pass', { at: '2026-11-23T12:00:00.000Z' }) })],
    ['another trace', idOf({ ...FULL, verdicts: verdictsOf('pass', { trace_id: 'f'.repeat(32) }) })],
    ['the gates came in another order', idOf({ ...FULL, verdicts: verdictsOf().toReversed() })],
    ['a deploy job spoke', idOf({ ...FULL, evidence: [deployedRow(9)] })],
    ['another environment serves something else', idOf({ ...FULL, deployed: { stage: SERVING } })],
    ['people commented', idOf({ ...FULL, pull: pullOf({ ...MERGED, title: 'Another title' }) })],
  ])('is the same though %s', (_what, same) => {
    expect(same).toBe(idOf())
  })

  test('evidence that a later run replaced is not in it', () => {
    const newer = [response(6, 'b'.repeat(64))]
    expect(idOf({ ...FULL, evidence: [...evidence, ...newer] })).toBe(idOf({ ...FULL, evidence: newer }))
  })
})

describe('the lines to paste', () => {
  test('the whole ramp first, then each smaller stop, each with a plan of its own', () => {
    const lines = promoteLines(draftOf(), FULL, AROUND)
    expect(lines?.environment).toBe('prod')
    expect(lines?.lines.map(({ upTo }) => upTo)).toEqual([100, 50, 10])
    expect(new Set(lines?.lines.map(({ line }) => line.slice(-32))).size).toBe(3)
    for (const { upTo, line } of lines?.lines ?? []) expect(line).toMatch(new RegExp(`^/promote ${upTo} plan:[0-9a-f]{32}$`))
  })

  test('of a running rollout only what lies beyond its approval', () => {
    expect(upTos(10)).toEqual([100, 50])
    expect(upTos(50)).toEqual([100])
    expect(upTos(100)).toBeUndefined()
  })
})

describe('the beginning', () => {
  test('freezes config, steps and reference, so that a change under the canary changes nothing', () => {
    const draft = draftOf()
    beginRollout(draft, factsOf(FULL), FULL, { environment: 'prod', agreed: agreedOf({ upTo: 50 }), held: NOTHING })
    expect(draft.data).toMatchObject({
      rollouts: 1,
      rollout: {
        number: 1,
        last: true,
        upTo: 50,
        agreed: [agreedOf({ upTo: 50 })],
        step: 10,
        steps: [10, 50, 100],
        stage: 'deploying',
        policy: {
          bake: { 10: 6_000, 50: 6_000, 100: 6_000 },
          deadline: { 10: 90_000 },
          guard: { limit: 0.01, certify: 2 },
          workflow: 'deploy.yml',
          ref: 'main',
          router: 'proxy',
          metrics: 'scrape',
        },
      },
    })
    expect(draft.state).toBe('canary')
    expect(draft.events.find((event) => event.type === 'decision')?.data).toMatchObject({
      decision: 'go',
      up_to: 50,
      approved_by: 'approver',
      plan: 'a'.repeat(32),
    })
  })

  test('of an environment before the last is a stage, of one step goes straight to full', () => {
    const stage = draftOf()
    const full = { ...FULL, config: TWO }
    beginRollout(stage, factsOf(full), full, { environment: 'stage', agreed: agreedOf({ upTo: 100 }), held: NOTHING })
    expect(stage.state).toBe('stage')
    expect(stage.data.rollout).toMatchObject({ last: false, policy: { router: 'proxy', metrics: 'scrape', workflow: 'stage.yml' } })
    const only = { ...FULL, config: configOf(configText().replace('[10, 50, 100]', '[100]')) }
    const straight = draftOf()
    beginRollout(straight, factsOf(only), only, { environment: 'prod', agreed: agreedOf({ upTo: 100 }), held: NOTHING })
    expect(straight.state).toBe('full')
  })

  test('of an environment that is not there is none', () => {
    const draft = draftOf()
    beginRollout(draft, factsOf(FULL), FULL, { environment: 'moon', agreed: agreedOf({ upTo: 100 }), held: NOTHING })
    expect(draft.data.rollout).toBeNull()
  })
})

test('what is agreed to gives back the very plan id that was shown', () => {
  const plan = currentPlan(draftOf(), FULL, 'prod', 50)
  const agreed = agreedTo(plan, FULL, { approval: rolloutOf().approval, voices: [voiceOf()] })
  expect(agreed).toMatchObject({ plan: planId(plan), upTo: 50, base: 'main', voices: [voiceOf()], approval: rolloutOf().approval })
  expect(agreed.policyDigest).toBe(policyDigest(configOf().digest, commandPolicy().digest))
  expect(Object.entries(agreed.gates).map(([gate, { outcome }]) => `${gate} ${outcome}`)).toEqual(GATES.map(({ id }) => `${id} pass`))
  const gates = Object.entries(agreed.gates).map(([gate, { verdict }]) => ({ gate, verdict }))
  expect(planId({ ...plan, gates, step: agreed.upTo, base: agreed.base })).toBe(agreed.plan)
})

test('a rollout of this environment that is not done may be extended', () => {
  expect(extendable(draftOf(), 'prod')).toBeNull()
  expect(extendable(draftOf({ rollout: rolloutOf() }), 'prod')).not.toBeNull()
  expect(extendable(draftOf({ rollout: rolloutOf() }), 'stage')).toBeNull()
  expect(extendable(draftOf({ rollout: rolloutOf({ stage: 'done' }) }), 'prod')).toBeNull()
})
