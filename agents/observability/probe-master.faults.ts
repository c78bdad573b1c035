/** Planted faults of probe-master: a journey that works, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'

type Needs = 'probes' | 'policy'
type Given = Inputs['probes']
type Answer = Given['answers'][number]

const AT = '2026-01-15T12:00:00.000Z'
const CATALOGUE = `version: 1
journeys:
  - name: buy
    within: 3s
    steps:
      - { path: /products, contains: [tea] }
      - { name: order, method: POST, path: /orders, body: { product: 1 }, status: 201, within: 500ms }
`
const OPENAPI = `openapi: 3.1.0
info: { title: shop, version: 1.0.0 }
paths:
  /products: { get: { x-critical: true } }
  /orders: { post: { x-critical: true } }
  /about: { get: {} }
`

export function answer(step: number, status: number | null, over: Partial<Answer> = {}): Answer {
  return { journey: 'buy', step, status, why: status === null ? 'there was no whole answer' : null, ms: 100, elsewhere: null, missing: [], ...over }
}

export function given(answers: readonly Answer[] = [answer(0, 200), answer(1, 201)], over: Partial<Given> = {}): Given {
  return {
    at: AT,
    base: 'a'.repeat(40),
    head: 'b'.repeat(40),
    host: 'stage.shop.example',
    catalogue: { path: 'slo/golden_paths.yaml', text: CATALOGUE, why: null },
    openapi: { path: 'api/openapi.yaml', text: OPENAPI, why: null },
    traces: { buy: '5'.repeat(32) },
    answers: [...answers],
    ...over,
  }
}

const policy = { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: 'version: 1\nrelease: { base: [main] }\n' }

function red(catches: string, rule: string, probes: Given): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs: { probes, policy }, rules: [rule] }
}

function green(catches: string, probes: Given): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs: { probes, policy } }
}

const file = (path: string, text: string | null) => ({ path, text, why: text === null ? 'there is no such file' : null })

export const planted: readonly PlantedInput<Needs>[] = [
  green('a failing step', given()),
  red('a failing step', 'probe.status', given([answer(0, 500), answer(1, null, { why: 'the step before failed', ms: 0 })])),
  red('a failing step', 'probe.no-answer', given([answer(0, null), answer(1, null, { why: 'the step before failed', ms: 0 })])),
  red('a failing step', 'probe.body', given([answer(0, 200, { missing: ['tea'] }), answer(1, 201)])),
  red('a failing step', 'probe.not-asked', given([answer(0, 200)])),
  green('a slow journey', given([answer(0, 200, { ms: 2000 }), answer(1, 201, { ms: 500 })])),
  red('a slow journey', 'probe.slow', given([answer(0, 200), answer(1, 201, { ms: 501 })])),
  red(
    'a slow journey',
    'probe.slow',
    given([answer(0, 200, { ms: 2000 }), answer(1, 201, { ms: 499 })], { catalogue: file('slo/golden_paths.yaml', CATALOGUE.replace('3s', '2s')) }),
  ),
  red(
    'an uncovered critical route',
    'probe.uncovered-critical',
    given(undefined, { openapi: file('api/openapi.yaml', OPENAPI.replace('get: {} }', 'get: { x-critical: true } }')) }),
  ),
  green('an uncovered critical route', given(undefined, { openapi: file('api/openapi.yaml', OPENAPI.replace('/products:', '/products/:')) })),
  red('an uncovered critical route', 'probe.openapi-invalid', given(undefined, { openapi: file('api/openapi.yaml', null) })),
  red(
    'a probe that follows a redirect to another host',
    'probe.foreign-redirect',
    given([answer(0, 302, { elsewhere: 'evil.example' }), answer(1, null, { why: 'the step before failed', ms: 0 })]),
  ),
  green(
    'a probe that follows a redirect to another host',
    given([answer(0, 302), answer(1, 201)], { catalogue: file('slo/golden_paths.yaml', CATALOGUE.replace('contains: [tea]', 'status: 302')) }),
  ),
  red(
    'a catalogue that says nothing',
    'probe.catalogue-invalid',
    given([], { catalogue: file('slo/golden_paths.yaml', 'version: 1\njourneys: []\n') }),
  ),
  red('a catalogue that says nothing', 'probe.catalogue-invalid', given([], { catalogue: file('slo/golden_paths.yaml', null) })),
  green('a catalogue that says nothing', given(undefined, { openapi: null })),
]
