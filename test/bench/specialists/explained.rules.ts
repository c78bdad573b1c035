/** Where slo-librarian and promtool differ, objective by objective. */
import { theyMiss, type Explained } from './explained.ts'
import { MEANING, UNHELD } from './rules.planted.ts'

export const RULES: readonly Explained[] = [
  ...theyMiss('it is PromQL, and so promtool takes it; it is no running count, as an objective of occurrences needs', { class: MEANING, file: null }),
  ...theyMiss('promtool sees the rule that comes of it and not the target: an alert that fires always, or never, is a rule too', {
    class: UNHELD,
    file: null,
  }),
]
