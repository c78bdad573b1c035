/** One thing that `doctor` looked at. */
export interface Finding {
  readonly what: string
  /** `indeterminate`: it was asked for, and what came back does not tell. */
  readonly state: 'ok' | 'warning' | 'wrong' | 'unreachable' | 'indeterminate' | 'not looked at'
  readonly says: string
}
