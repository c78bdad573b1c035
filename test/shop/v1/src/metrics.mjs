/** Counts of this process as OpenMetrics text. */
import { VERSION } from './version.mjs'

/** Seconds. Close together where answers are, so that a quarter more shows. */
const BOUNDS = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5]

/** Canonical, as OpenMetrics has it: `1.0`, not `1`. */
const label = (bound) => (Number.isInteger(bound) ? bound.toFixed(1) : String(bound))

const requests = new Map()
const buckets = BOUNDS.map(() => 0)
let seconds = 0
let count = 0

/** @param {number} code status sent @param {number} took seconds */
export function observe(code, took) {
  requests.set(code, (requests.get(code) ?? 0) + 1)
  for (const [index, bound] of BOUNDS.entries()) if (took <= bound) buckets[index] += 1
  seconds += took
  count += 1
}

export function exposition() {
  const lines = ['# TYPE http_requests counter', '# HELP http_requests Answers to customers, by status code.']
  for (const [code, total] of requests) lines.push(`http_requests_total{version="${VERSION}",code="${code}"} ${total}`)
  lines.push('# TYPE http_request_duration_seconds histogram', '# UNIT http_request_duration_seconds seconds')
  for (const [index, bound] of BOUNDS.entries()) {
    lines.push(`http_request_duration_seconds_bucket{version="${VERSION}",le="${label(bound)}"} ${buckets[index]}`)
  }
  lines.push(`http_request_duration_seconds_bucket{version="${VERSION}",le="+Inf"} ${count}`)
  lines.push(`http_request_duration_seconds_sum{version="${VERSION}"} ${seconds}`)
  lines.push(`http_request_duration_seconds_count{version="${VERSION}"} ${count}`)
  lines.push('# EOF', '')
  return lines.join('\n')
}
