/** Requests of a canary that failed or were slow, by the trace ids that its metrics told as exemplars: for people who look for the cause. Pure. */
import type { Sample } from './ports.ts'

const MOST = 5
/** Anything else is no id that could stand in a page or an address. */
const ID = /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/

export interface TraceLink {
  readonly id: string
  /** null: the operator names no place to look. */
  readonly url: string | null
}

export function traceIds(given: readonly string[]): string[] {
  return [...new Set(given.filter((id) => ID.test(id)))].slice(0, MOST)
}

/** The newest ones. */
export function newestTraces(samples: readonly Sample[]): string[] {
  return traceIds(samples.toReversed().flatMap(({ traces }) => traces ?? []))
}

/** @param template `https://traces.example/{trace_id}`; null: none */
export function traceLinks(ids: readonly string[], template: string | null): TraceLink[] {
  return traceIds(ids).map((id) => ({ id, url: template === null ? null : template.replaceAll('{trace_id}', encodeURIComponent(id)) }))
}

/** One line of Markdown; '' when there are none. */
export function traceLine(links: readonly TraceLink[]): string {
  if (links.length === 0) return ''
  const shown = links.map(({ id, url }) => (url === null ? `\`${id}\`` : `[\`${id}\`](${encodeURI(url).replace(/[()]/g, '')})`))
  return `Requests of the canary that failed or were slow, by trace: ${shown.join(', ')}`
}
