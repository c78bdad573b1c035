/** What is really so on GitHub and in production. The oracle reads this, never the App's own state. */
import type { CheckConclusion, CommentFacts, Effect, Position, PullFacts, RunFacts } from '../../app/release/ports.ts'
import type { PreviewTruth } from './previews.ts'

export interface CheckTruth {
  readonly id: number
  readonly sha: string
  readonly name: string
  readonly externalId: string
  status: string
  conclusion: CheckConclusion | null
}

export interface RunTruth {
  run: RunFacts
  readonly key: string
  readonly inputs: Readonly<Record<string, string>>
  artifact: { readonly id: number; readonly name: string; readonly bytes: Uint8Array } | null
}

export interface WeightTruth {
  readonly at: number
  readonly percent: number
}

/** Each creating effect that really happened, with the key that asked for it. */
export interface Happened {
  readonly at: number
  readonly kind: Effect['kind']
  readonly key: string
  readonly id: number
}

export type Weather = 'healthy' | 'breach' | 'late-breach' | 'missing' | 'gap' | 'frozen' | 'nan'

export interface SchemaTruth {
  /** What the version before runs. */
  readonly before: { readonly min: number; readonly max: number }
  /** Percent whose deployment migrates. */
  readonly step: number
  /** Whether the deploy jobs tell what is live. */
  readonly told: boolean
  /** The config accepts that there is no way back. */
  readonly accepted: boolean
  /** When people bring it back, and run the last deploy run again. */
  readonly healsAt: number
  live: number
  /** What the jobs said, in order. */
  readonly words: { readonly step: number; readonly at: number; readonly live: number }[]
}

export interface Truth {
  /** Our rule is on the environment: GitHub makes a deployment for each run of a step, which waits for our answer. */
  readonly guarded: boolean
  now: number
  pull: PullFacts
  readonly comments: (CommentFacts & { readonly at: number })[]
  /** What was said on the page of the release, and of which commit it was shown. */
  readonly orders: (CommentFacts & { readonly at: number; readonly head: string })[]
  /** The commit that the page showed when it was loaded; null: nobody has it open. */
  loaded: string | null
  readonly checks: CheckTruth[]
  readonly runs: RunTruth[]
  readonly deployments: { readonly id: number; readonly sha: string; readonly key: string; readonly percent: number; readonly states: string[] }[]
  readonly issues: { readonly id: number; readonly key: string }[]
  readonly closedIssues: number[]
  readonly tags: Map<string, string>
  readonly releases: Map<string, { readonly id: number; readonly key: string }>
  readonly seals: string[]
  /** `store/path` of each pack that lies in a store. */
  readonly kept: Set<string>
  /** Positions of the ledger that check runs showed, and anybody may have kept. */
  readonly anchors: Position[]
  /** When the transparency log does not answer. */
  readonly logAway: { readonly from: number; readonly to: number }
  /** When the calendar of the base branch lets nothing start. */
  readonly closed: { readonly from: number; readonly to: number }
  /** When another release has the environment. */
  readonly rival: { readonly from: number; readonly to: number }
  /** What the webhook said, by the key it was asked with: the same again. */
  readonly desk: Map<string, 'ok' | 'fail'>
  /** null: there is no database. */
  readonly schema: SchemaTruth | null
  /** What the feature flag was set to, the first when nobody had touched it; `ramps`: the config names it. */
  readonly flag: { readonly ramps: boolean; readonly at: number[] }
  readonly preview: PreviewTruth
  /** How many people break the glass of a release that is red; null: it is green. */
  readonly breakers: 1 | 2 | null
  /** The App knows which version served everyone before. */
  readonly stable: boolean
  /** From when on the golden path is green. */
  readonly greenFrom: number
  readonly weights: WeightTruth[]
  readonly happened: Happened[]
  readonly reactions: { readonly comment: number; readonly content: string }[]
  /** Bot comment ids by marker. */
  readonly written: Map<string, { readonly id: number; body: string }>
  /** Plan ids people were shown, with the head they were shown for. */
  readonly shown: Map<string, string>
  /** Canary and stable counters. */
  readonly traffic: { canary: { requests: number; errors: number }; stable: { requests: number; errors: number } }
  weather: Weather
  /** What a frozen exporter goes on showing. */
  frozen: { requests: number; errors: number } | null
  canarySince: number | null
  /** Canary requests and errors since it first got traffic. */
  readonly served: { requests: number; errors: number }
  nextId: number
}

/** Whether two different people said it, who may, and nobody touched what they wrote. */
export function isBroken({ comments, orders }: Truth, approvers: ReadonlySet<string>): boolean {
  const said = [...comments, ...orders].filter(
    ({ body, edited, author }) => body.startsWith('/break-glass ') && !edited && approvers.has(author.login),
  )
  return new Set(said.map(({ author }) => author.id)).size >= 2
}

export function weightOf(truth: Truth): number {
  return truth.weights.at(-1)?.percent ?? 0
}
