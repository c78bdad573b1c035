/** What must have been scraped lately for the answer to a query to count. Pure. */
import { graded, totalQuery, type Selector, type TotalQuery } from '../../../agents/collect/metrics/promql.ts'

export interface Proof {
  readonly selector: string
  /** Must there be something? */
  readonly needed: boolean
}

/** @param counted selectors of the requests, when the query is of errors */
export function proofsOf(query: TotalQuery, counted: readonly Selector[]): readonly Proof[] {
  return query.selectors.map((selector) => {
    const tells = query.zero ? graded(selector, counted) : null
    return { selector: tells ?? selector.text, needed: tells !== null || !query.zero }
  })
}

/** Prometheus answers with the last sample for five minutes after a scrape that did not happen. */
export function scrapedAt(selector: string): string {
  return `max(timestamp(${selector}))`
}

export function totalOf(text: string): TotalQuery | null {
  const read = totalQuery(text)
  return 'problem' in read ? null : read.query
}
