/** The change being computed: `next` and the rollout write into it, `reconcile` commits it. Pure: it only collects. */
import type { Effect, LedgerEvent, Outcome, OutboxRow, ReleaseRecord, ReleaseState } from './ports.ts'
import { checkTransition, dataOf, type ReleaseData } from './state.ts'

export class Draft {
  readonly before: ReleaseRecord
  readonly data: ReleaseData
  readonly intents: Effect[] = []
  readonly events: LedgerEvent[] = []
  /** Commands of the page, by id. */
  readonly answered: string[] = []
  /** Set when a decision needs fresh facts from GitHub: look again in full before anything else. */
  wantsFull = false
  dueAt: number | null = null
  head: string
  base: string
  private current: ReleaseState
  private readonly outbox: ReadonlyMap<string, OutboxRow>

  constructor(record: ReleaseRecord, outbox: ReadonlyMap<string, OutboxRow>) {
    this.before = record
    this.data = structuredClone(dataOf(record))
    this.current = record.state
    this.head = record.head
    this.base = record.base
    this.outbox = outbox
  }

  get state(): ReleaseState {
    return this.current
  }

  /** Full key of an intent of this release. */
  key(path: string): string {
    return `${this.before.key}/${path}`
  }

  /** Wants an effect, once. Answers its outcome when it has one. */
  ensure(effect: Effect): Outcome | null {
    const row = this.outbox.get(effect.key)
    if (row === undefined && !this.intents.some((intent) => intent.key === effect.key)) this.intents.push(effect)
    return row?.outcome ?? null
  }

  outcome(key: string): Outcome | null {
    return this.outbox.get(key)?.outcome ?? null
  }

  row(key: string): OutboxRow | undefined {
    return this.outbox.get(key)
  }

  rows(): readonly OutboxRow[] {
    return [...this.outbox.values()]
  }

  move(to: ReleaseState, why: string): void {
    if (to === this.current) return
    checkTransition(this.current, to)
    this.events.push({ type: 'state', data: { from: this.current, to, why } })
    this.current = to
  }

  note(type: string, data: LedgerEvent['data']): void {
    this.events.push({ type, data })
  }

  /** The earliest of all wishes for another look. */
  lookAgainAt(at: number): void {
    this.dueAt = this.dueAt === null ? at : Math.min(this.dueAt, at)
  }

  record(): ReleaseRecord {
    return { ...this.before, state: this.current, head: this.head, base: this.base, dueAt: this.dueAt, data: { ...this.data } }
  }

  get changed(): boolean {
    const after = this.record()
    return (
      this.intents.length > 0 ||
      this.events.length > 0 ||
      after.dueAt !== this.before.dueAt ||
      JSON.stringify([after.state, after.head, after.base, after.data]) !==
        JSON.stringify([this.before.state, this.before.head, this.before.base, this.before.data])
    )
  }
}
