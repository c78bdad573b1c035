/** Draws a picture for whoever has its address, from what the store knows now. One at a time, and the last few are kept: an address may be asked often. */
import { DRAWINGS } from '../../evidence/chart/drawings.ts'
import { drawnPicture, pictureOf } from '../../evidence/chart/picture.ts'
import type { Draw } from '../../evidence/chart/png.ts'
import { readDocument } from '../../evidence/pack/contents.ts'
import { PackError } from '../../evidence/pack/error.ts'
import type { PictureOf } from '../release/facts.ts'
import type { ReleaseRecord, StorePort } from '../release/ports.ts'
import { seriesOf } from '../release/series.ts'
import { dataOf } from '../release/state.ts'
import type { PictureAddresses } from './picture-address.ts'

export interface PicturesOptions {
  readonly store: Pick<StorePort, 'release' | 'samples' | 'blob'>
  readonly addresses: Pick<PictureAddresses, 'read'>
  readonly draw: Draw
}

const KEPT = 16

/** @returns by path: PNG, or null for what is not there */
export function pictures({ store, addresses, draw }: PicturesOptions): (path: string) => Promise<Uint8Array | null> {
  const kept = new Map<string, Uint8Array | null>()
  let turn: Promise<unknown> = Promise.resolve()

  async function drawn(of: PictureOf): Promise<Uint8Array | null> {
    const record = await store.release(of.release)
    if (record === null) return null
    return 'series' in of ? measured(of.series) : step(record, of)
  }

  /** What an agent measured: the file says by its form what it is of. */
  async function measured(digest: string): Promise<Uint8Array | null> {
    const known = kept.get(digest)
    if (known !== undefined) return known
    const bytes = await store.blob(digest)
    if (bytes === null) return null
    for (const drawing of DRAWINGS) {
      const series = readDocument(digest, bytes, drawing.schema)
      const drawn = series instanceof PackError ? null : drawing.drawn(series)
      if (drawn !== null) return keep(digest, await drawnPicture(drawn, draw))
    }
    return null
  }

  async function step(record: ReleaseRecord, of: Extract<PictureOf, { step: number }>): Promise<Uint8Array | null> {
    const { rollout: now, ended } = dataOf(record)
    const rollout = [...ended, ...(now === null ? [] : [now])].find(({ number }) => number === of.rollout)
    if (rollout === undefined || !rollout.moved.some(({ step }) => step === of.step)) return null
    const samples = await store.samples(of.release, `${rollout.number}/${rollout.environment}`)
    const series = seriesOf(record.version, rollout, of.step, samples)
    const key = [of.release, of.rollout, of.step, series.samples.length, series.judged?.at].join('/')
    const known = kept.get(key)
    if (known !== undefined) return known
    return keep(key, await pictureOf(series, draw))
  }

  function keep(key: string, png: Uint8Array | null): Uint8Array | null {
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '')
    kept.set(key, png)
    return png
  }

  return async (path) => {
    const of = addresses.read(path)
    if (of === null) return null
    const mine = Promise.resolve(turn).then(() => drawn(of))
    turn = mine.catch(() => null)
    return await mine
  }
}
