import { expect, test } from 'vitest'
import type { Routed, Sample } from '../../../app/release/ports.ts'
import { shareHold } from '../../../app/rollout/share.ts'
import { NOW } from '../../support/release.ts'

/** A look a second, the first one a second after the traffic moved. @param readings undefined: a router that does not count */
function looks(readings: readonly (Routed | null | undefined)[], note = ''): Sample[] {
  return readings.map((routed, at) => ({
    at: NOW + (at + 1) * 1_000,
    canary: null,
    stable: null,
    note: routed === null ? note : '',
    ...(routed !== undefined && { routed }),
  }))
}

function hold(samples: readonly Sample[], percent: number, over: { now?: number } = {}) {
  return shareHold(samples, { percent, shiftedAt: NOW, now: samples.at(-1)?.at ?? NOW, sampleMs: 1_000, ...over })
}

const none: Routed = { canary: 0, stable: 0 }

test.each([
  ['exactly', 10, 1_000, 9_000, null],
  ['half a point more', 10, 1_050, 8_950, null],
  ['what chance may do', 10, 1_150, 8_850, null],
  ['more than chance does', 10, 1_200, 8_800, 'share-off'],
  ['less than chance does', 10, 800, 9_200, 'share-off'],
  ['none at all', 10, 0, 10_000, 'share-off'],
  ['none of a few', 10, 0, 99, null],
  ['none of enough', 50, 0, 100, 'share-off'],
  ['all', 100, 10_000, 0, null],
  ['nearly all', 100, 9_960, 40, null],
  ['not all', 100, 9_800, 200, 'share-off'],
  ['none instead of all', 100, 0, 100, 'share-off'],
  ['one in a hundred', 1, 100, 9_900, null],
  ['a tenth instead of one in a hundred', 1, 1_000, 9_000, 'share-off'],
])('%s: wanted %i percent, counted %i and %i: %s', (_, percent, canary, stable, code) => {
  const start = { canary: 70_000, stable: 500 }
  const found = hold(looks([start, { canary: start.canary + canary, stable: start.stable + stable }]), percent)
  expect(found?.code ?? null).toBe(code)
})

test('the sentence has the numbers', () => {
  expect(hold(looks([none, { canary: 12, stable: 4_988 }]), 10)).toEqual({
    code: 'share-off',
    why: 'the router gave 12 of 5000 requests to the new version, 0.24 % instead of 10 %',
  })
})

test('what was given before the traffic had moved counts for nothing', () => {
  const before: Sample = { at: NOW, canary: null, stable: null, note: '', routed: none }
  expect(
    hold(
      [
        before,
        ...looks([
          { canary: 0, stable: 90_000 },
          { canary: 1_000, stable: 99_000 },
        ]),
      ],
      10,
    ),
  ).toBeNull()
})

test('a router that was started anew is counted on from there, and its gap is left out for both versions', () => {
  const readings = [
    { canary: 500, stable: 4_500 },
    { canary: 600, stable: 5_400 },
    { canary: 0, stable: 5_400 },
    { canary: 100, stable: 6_300 },
    { canary: 150, stable: 20 },
    { canary: 250, stable: 920 },
  ]
  expect(hold(looks(readings), 10)).toBeNull()
  expect(hold(looks([...readings, { canary: 260, stable: 9_920 }]), 10)).toMatchObject({ why: expect.stringContaining('310 of 12010') as string })
})

test('a router that counts nothing, or none, holds nothing', () => {
  expect(hold([], 10)).toBeNull()
  expect(hold(looks([undefined, undefined, undefined]), 10)).toBeNull()
})

test.each([
  ['never said', [null, null, null]],
  ['said once', [none]],
  ['said once, then nothing', [none, null, null]],
  [
    'said nonsense',
    [
      { canary: Number.NaN, stable: 1 },
      { canary: -1, stable: 1 },
      { canary: 1, stable: Number.POSITIVE_INFINITY },
    ],
  ],
  ['fell silent', [none, { canary: 1_000, stable: 9_000 }, null, null, null, null, null, null]],
  ['counted no request', [none, none, none]],
  ['was started anew and counted none since', [{ canary: 1_000, stable: 9_000 }, none]],
])('a router that %s is not followed', (_, readings) => {
  expect(hold(looks(readings), 10)).toMatchObject({ code: 'share-unknown' })
})

test('why it says nothing is told', () => {
  expect(hold(looks([null, null], 'router: HAProxy at /run/admin.sock did not answer'), 10)?.why).toContain('/run/admin.sock did not answer')
})

test('silence is five looks without a reading', () => {
  const samples = looks([none, { canary: 1_000, stable: 9_000 }])
  const last = samples.at(-1)?.at ?? 0
  expect(hold(samples, 10, { now: last + 5_000 })).toBeNull()
  expect(hold(samples, 10, { now: last + 5_001 })).toMatchObject({ code: 'share-unknown' })
})

const stood = (weights: readonly (number | null)[], note = ''): Sample[] =>
  looks(weights.map(() => undefined)).map((sample, at) => ({ ...sample, note, weight: weights[at] ?? null }))

test.each([
  ['stands where it was set', [10, 10], null],
  ['missed a look', [10, null, null], null],
  ['was moved', [10, 20], 'weight-off'],
  ['was moved by one', [10, 11], 'weight-off'],
  ['was moved and back', [20, 10], null],
  ['was moved and says no more', [10, 20, null], 'weight-off'],
  ['never said', [null, null], 'share-unknown'],
  ['fell silent', [10, null, null, null, null, null, null], 'share-unknown'],
])('a router that counts nothing and %s', (_, weights, code) => {
  expect(hold(stood(weights), 10)?.code ?? null).toBe(code)
})

test('of a weight that is off both are told, and of one that is not known why', () => {
  expect(hold(stood([20]), 10)?.why).toBe('the router stands at 20 % instead of 10 %, so something else moves it too')
  expect(hold(stood([null], 'router: gone'), 10)?.why).toBe('the router does not say its weight; router: gone')
  expect(hold([{ at: NOW, canary: null, stable: null, note: '', weight: 20 }], 10)).toBeNull()
})

test('requests drawn with the wanted share hold no step in a thousand', () => {
  let state = 0x2545f491
  const draw = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  let held = 0
  for (let step = 0; step < 1_000; step++) {
    const percent = [1, 10, 50, 99][step % 4] ?? 0
    const all = 100 + Math.floor(draw() * 2_000)
    let canary = 0
    for (let request = 0; request < all; request++) if (draw() < percent / 100) canary += 1
    if (hold(looks([none, { canary, stable: all - canary }]), percent) !== null) held += 1
  }
  expect(held).toBe(0)
})
