import { expect, test } from 'vitest'
import type { Sample } from '../../../app/release/ports.ts'
import { pictureAddresses } from '../../../app/web/picture-address.ts'
import { pictures } from '../../../app/web/pictures.ts'
import { NOW, recordOf, rolloutOf, samplesOf } from '../../support/release.ts'

const addresses = pictureAddresses('a key')
const path = (step: number, rollout = 1, release = '7#3'): string => addresses.pathOf({ release, rollout, step }, NOW).split('?')[0] ?? ''
const MOVED = rolloutOf({ number: 1, step: 50, stage: 'baking', startedAt: NOW, shiftedAt: NOW + 5_000, moved: [{ step: 10, at: NOW }] })

interface Asked {
  readonly show: (path: string) => Promise<Uint8Array | null>
  readonly drawn: string[]
  samples: Sample[]
}

function asked(rollout = MOVED, ended = [rolloutOf({ number: 7, environment: 'stage', moved: [{ step: 100, at: NOW }] })]): Asked {
  const drawn: string[] = []
  const of: Asked = {
    drawn,
    samples: samplesOf(NOW, NOW + 8_000),
    show: pictures({
      store: {
        release: async (key) => (key === '7#3' ? recordOf({}, { rollout, ended }) : null),
        samples: async () => of.samples,
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
    },
    addresses,
    draw: async () => {
      throw new Error('no font')
    },
  })
  await expect(show(path(10))).rejects.toThrow('no font')
  await expect(show(path(10))).rejects.toThrow('no font')
})
