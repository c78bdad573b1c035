import { expect, test } from 'vitest'
import type { Sample } from '../../../app/release/ports.ts'
import { pictureAddresses } from '../../../app/web/picture-address.ts'
import { pictures } from '../../../app/web/pictures.ts'
import { documentBytes } from '../../../evidence/pack/documents.ts'
import { NOW, recordOf, rolloutOf, samplesOf } from '../../support/release.ts'

const addresses = pictureAddresses('a key')
const path = (step: number, rollout = 1, release = '7#3'): string => addresses.pathOf({ release, rollout, step }, NOW).split('?')[0] ?? ''
const MOVED = rolloutOf({ number: 1, step: 50, stage: 'baking', startedAt: NOW, shiftedAt: NOW + 5_000, moved: [{ step: 10, at: NOW }] })

const objective = (series: string): string => addresses.pathOf({ release: '7#3', series }, 0).split('?')[0] ?? ''

interface Asked {
  readonly show: (path: string) => Promise<Uint8Array | null>
  readonly drawn: string[]
  samples: Sample[]
  readonly blobs: Map<string, Uint8Array>
}

function asked(rollout = MOVED, ended = [rolloutOf({ number: 7, environment: 'stage', moved: [{ step: 100, at: NOW }] })]): Asked {
  const drawn: string[] = []
  const of: Asked = {
    drawn,
    samples: samplesOf(NOW, NOW + 8_000),
    blobs: new Map(),
    show: pictures({
      store: {
        release: async (key) => (key === '7#3' ? recordOf({}, { rollout, ended }) : null),
        samples: async () => of.samples,
        blob: async (digest) => of.blobs.get(digest) ?? null,
      },
      addresses,
      draw: async (svg) => {
        drawn.push(svg)
        return Buffer.from(svg)
      },
    }),
  }
  return of
}

test('the picture is that of the step and of now', async () => {
  const { show, drawn } = asked()
  expect(Buffer.from((await show(path(10))) ?? []).toString()).toContain('v2.0.0 in prod, 10 % of traffic')
  expect(drawn).toHaveLength(1)
})

test('a rollout before the present one has its pictures too', async () => {
  expect(Buffer.from((await asked().show(path(100, 7))) ?? []).toString()).toContain('v2.0.0 in stage, 100 % of traffic')
})

test.each([
  ['a step that moved nothing yet', path(50)],
  ['a rollout that is none', path(10, 2)],
  ['a release that is none', path(10, 1, '7#4')],
  ['an address that was never given out', '/pictures/7-3/1/10/x.png'],
])('%s has none', async (_what, address) => {
  const { show, drawn } = asked()
  expect(await show(address)).toBeNull()
  expect(drawn).toEqual([])
})

test('what was measured of an objective is drawn from that very file, once; what is no such file has no picture', async () => {
  const of = asked()
  const bytes = documentBytes({
    schema_version: 1,
    objective: 'availability',
    service: 'shop',
    target: 0.99,
    at: NOW,
    source: 'prometheus',
    budget: { window: '30d', bad: 1, total: 1_000, attainment: 0.999, left: 0.9 },
    windows: [{ window: '1h', bad: 1, total: 1_000, attainment: 0.999, burn: 0.1 }],
    points: [],
  })
  of.blobs.set('a'.repeat(64), bytes)
  of.blobs.set('b'.repeat(64), Buffer.from('{"schema_version":1}'))
  expect(Buffer.from((await of.show(objective('a'.repeat(64)))) ?? []).toString()).toContain('availability')
  await of.show(objective('a'.repeat(64)))
  expect(of.drawn).toHaveLength(1)
  expect(await of.show(objective('b'.repeat(64)))).toBeNull()
  expect(await of.show(objective('c'.repeat(64)))).toBeNull()
})

test('it is drawn anew when there is more to show, and only then', async () => {
  const of = asked()
  await Promise.all([of.show(path(10)), of.show(path(10)), of.show(path(10))])
  expect(of.drawn).toHaveLength(1)
  of.samples = samplesOf(NOW, NOW + 9_000)
  await of.show(path(10))
  expect(of.drawn).toHaveLength(2)
})

test('one that cannot be drawn keeps nobody after it waiting', async () => {
  const of = asked()
  const show = pictures({
    store: {
      release: async () => recordOf({}, { rollout: MOVED }),
      samples: async () => of.samples,
      blob: async () => null,
    },
    addresses,
    draw: async () => {
      throw new Error('no font')
    },
  })
  await expect(show(path(10))).rejects.toThrow('no font')
  await expect(show(path(10))).rejects.toThrow('no font')
})
