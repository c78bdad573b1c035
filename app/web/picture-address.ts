/**
 * Where a picture is shown, for GitHub, which shows pictures by address alone and asks for them as nobody. So the address itself is the right to see it: it
 * holds a token that only this App can make (HMAC-SHA-256, RFC 2104). Pure but for the hash.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { PictureOf } from '../release/facts.ts'

export interface PictureAddresses {
  /** @param at epoch milliseconds of what it shows: another moment is another address, so that no cache shows the old one */
  pathOf(of: PictureOf, at: number): string
  /** @param path without a query @returns null for what this App never gave out */
  read(path: string): PictureOf | null
}

const PATH = /^\/pictures\/(\d{1,15})-(\d{1,10})\/(?:(\d{1,6})\/(\d{1,3})|objective\/([0-9a-f]{64}))\/([0-9a-f]{64})\.png$/

/** @param secret of the App; nothing of it can be told from a token */
export function pictureAddresses(secret: string): PictureAddresses {
  const tokenOf = (of: PictureOf): string => {
    const what = 'series' in of ? ['objective', of.series] : [of.rollout, of.step]
    return createHmac('sha256', secret)
      .update(['release-conductor/picture/v1', of.release, ...what].join('\n'))
      .digest('hex')
  }
  return {
    pathOf(of, at) {
      const what = 'series' in of ? `objective/${of.series}` : `${of.rollout}/${of.step}`
      return `/pictures/${of.release.replace('#', '-')}/${what}/${tokenOf(of)}.png?at=${at}`
    },
    read(path) {
      const [, repository, pull, rollout, step, series, token] = PATH.exec(path) ?? []
      if (token === undefined) return null
      const release = `${repository}#${pull}`
      const of = series === undefined ? { release, rollout: Number(rollout), step: Number(step) } : { release, series }
      return timingSafeEqual(Buffer.from(token), Buffer.from(tokenOf(of))) ? of : null
    },
  }
}
