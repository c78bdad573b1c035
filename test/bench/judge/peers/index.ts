/** The list of rules, as their documents set them and as people tune them. */
import { argo } from './argo.ts'
import { burnRate, SCALED, STANDARD } from './burn.ts'
import { flagger, flaggerLatency } from './flagger.ts'
import { errorRate, kayenta, meanLatency } from './kayenta.ts'
import type { Rule } from './peer.ts'
import { plain } from './plain.ts'

export const FLAGGER = 'Flagger as documented (1 %, 10 checks)'
export const KAYENTA = 'Kayenta-like, every 10 min'
export const PLAIN = 'plain sequential test'
export const KAYENTA_MEAN = 'Kayenta-like on the mean, every 10 min'

/** On errors. */
export const RULES: readonly Rule[] = [
  flagger(FLAGGER, 0.01, 10),
  flagger('Flagger, 1 %, 2 checks', 0.01, 2),
  flagger('Flagger, tuned: 0.3 %, 5 checks', 0.003, 5),
  argo('Argo as documented (1 %, 5 min, failureLimit 3)', { limit: 0.01, interval: 300, failureLimit: 3 }),
  argo('Argo, 1 %, 1 min, failureLimit 0', { limit: 0.01, interval: 60, failureLimit: 0 }),
  kayenta('Kayenta-like, once after 60 min', 3600, errorRate),
  kayenta(KAYENTA, 600, errorRate),
  kayenta('Kayenta-like, every minute', 60, errorRate),
  burnRate('burn rates of a month, 99.9 %', 0.999, STANDARD),
  burnRate('burn rates scaled to an hour, 99.9 %', 0.999, SCALED),
  plain(PLAIN, 0.01),
]

/** On latency. */
export const LATENCY_RULES: readonly Rule[] = [
  flaggerLatency('Flagger, p99 above 500 ms, 10 checks', 500, 10),
  kayenta(KAYENTA_MEAN, 600, meanLatency),
  kayenta('Kayenta-like on the mean, every minute', 60, meanLatency),
]
