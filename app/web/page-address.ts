/**
 * Where a release is shown. The address holds a token that only this App can make (HMAC-SHA-256, RFC 2104) and stands in the status comment: whoever may
 * read the pull request has it, and nobody can guess it. Pure but for the hash.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Of a release: the page itself, its changes, where one acts on it, and its ledger, page by page. */
export type PagePart = 'page' | 'live' | 'act' | 'ledger'

export interface PageAddresses {
  /** @param release key of it: `<repository id>#<pull request>` */
  pathOf(release: string): string
  /** @param path without a query @returns null for what this App never gave out */
  read(path: string): { readonly release: string; readonly part: PagePart; readonly number: number | null } | null
}

const PATH = /^\/releases\/(\d{1,15})-(\d{1,10})\/([0-9a-f]{64})(?:\/(live|act|ledger)(?:(?<=ledger)\/([1-9]\d{0,5}))?)?$/

/** @param secret of the App; nothing of it can be told from a token */
export function pageAddresses(secret: string): PageAddresses {
  const tokenOf = (release: string): string => createHmac('sha256', secret).update(`release-conductor/page/v1\n${release}`).digest('hex')
  return {
    pathOf: (release) => `/releases/${release.replace('#', '-')}/${tokenOf(release)}`,
    read(path) {
      const [, repository, pull, token, part = 'page', number] = PATH.exec(path) ?? []
      if (token === undefined || (part === 'ledger') !== (number !== undefined)) return null
      const release = `${repository}#${pull}`
      return timingSafeEqual(Buffer.from(token), Buffer.from(tokenOf(release)))
        ? { release, part: part as PagePart, number: number === undefined ? null : Number(number) }
        : null
    },
  }
}
