/** The ledger of a release, page by page. A page has the same entries for ever, once it is full. Pure. */
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'
import type { LedgerPart, ReleaseRecord } from '../release/ports.ts'
import { html, type Html } from './html.ts'
import { item } from './release-page.ts'

/** Entries of a page, and of the timeline on the page of the release. */
export const PAGE_ENTRIES = 200

export function partOf(number: number): LedgerPart {
  return { from: (number - 1) * PAGE_ENTRIES, count: PAGE_ENTRIES }
}

/** The page that holds what came just before the last entries; null: those are all. @param size of the whole ledger */
export function olderThanLast(size: number): number | null {
  return size <= PAGE_ENTRIES ? null : Math.ceil((size - PAGE_ENTRIES) / PAGE_ENTRIES)
}

export interface LedgerView {
  readonly record: Pick<ReleaseRecord, 'version' | 'repository'>
  /** Of this page, oldest first. */
  readonly entries: readonly LedgerEntry[]
  readonly number: number
  /** Of the whole ledger. */
  readonly size: number
  /** Of the release's page. */
  readonly page: string
}

export function ledgerTitle({ record: { version, repository }, number }: Pick<LedgerView, 'record' | 'number'>): string {
  return `Ledger of ${version} of ${repository.owner}/${repository.name}, page ${number}`
}

export function ledgerPage(view: LedgerView): Html {
  const { entries, number, size, page } = view
  const { from } = partOf(number)
  return html`<h1>${ledgerTitle(view)}</h1>
    <p>
      Entries ${from + 1} to ${from + entries.length} of ${size}, newest first. <a href="${page}">The page of the release</a> shows the last ones.
    </p>
    <ol class="plain" reversed start="${from + entries.length}">
      ${entries.toReversed().map(item)}
    </ol>
    <nav aria-label="Pages of the ledger">
      ${number === 1 ? null : html`<p><a href="${page}/ledger/${number - 1}">Older entries</a></p>`}
      ${size > from + entries.length ? html`<p><a href="${page}/ledger/${number + 1}">Newer entries</a></p>` : null}
    </nav>`
}
