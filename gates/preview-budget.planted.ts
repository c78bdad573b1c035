/** Planted statements of the gate preview_budget: previews that are cheap, young and alive, and the same with one thing wrong. Pure. */
import { PreviewPolicy } from '../evidence/model/config/previews.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { Planted } from './gate.ts'
import { SPECIMEN_NOW } from './specimen.ts'
import { planter, type Change } from './topics.planted.ts'

const DAY = 86_400_000
const plant = planter<PreviewPolicy>({
  gate: 'preview_budget',
  phase: 'P1',
  numbers: {
    'preview-costs': { deployments: 5, running: 2, unpriced: 0, most_usd: 3, total_usd: 5, past_ttl: 0, over_budget: 0 },
    previews: { deployments: 5, previews: 1, asked: 1, unasked: 0, dead: 0, comments: 1 },
  },
  policy: (exceptions) => PreviewPolicy.parse({ exceptions: exceptions.map(({ path: _path, ...one }) => one) }),
})

function finding(rule: string): readonly Finding[] {
  return [{ rule, severity: 'error', subject: 'pr-7', message: 'specimen', next: 'specimen' }]
}

const costs = (change: Omit<Change, 'topic'>): Change => ({ topic: 'preview-costs', ...change })
const previews = (change: Omit<Change, 'topic'>): Change => ({ topic: 'previews', ...change })

const dear = (over = 1) => ({ findings: finding('cost.over-budget'), metrics: { most_usd: 3.01, over_budget: over } })

function later(planted: Planted<PreviewPolicy>, ms: number): Planted<PreviewPolicy> {
  return { ...planted, input: { ...planted.input, now: SPECIMEN_NOW + ms } }
}

let made: readonly Planted<PreviewPolicy>[] | undefined

export function plantedPreviewBudget(): readonly Planted<PreviewPolicy>[] {
  made ??= [
    plant('previews just within their budget', 'green'),
    plant('a preview over its budget', 'red', costs(dear())),
    plant('the same, answered for until today', 'green', costs({ ...dear(), until: '2026-01-15' })),
    plant('the same, answered for until yesterday', 'red', costs({ ...dear(), until: '2026-01-14' })),
    plant('one that is answered for, and another behind it', 'red', costs({ ...dear(2), until: '2026-12-31' })),
    plant('a preview over its budget that no finding tells', 'red', costs({ metrics: { most_usd: 3.01 } })),
    plant('a preview past its time', 'red', costs({ findings: finding('cost.past-ttl'), metrics: { past_ttl: 1 } })),
    plant('a preview past its time that no finding tells', 'red', costs({ metrics: { past_ttl: 1 } })),
    plant('a preview without a price', 'red', costs({ findings: finding('cost.unpriced'), metrics: { unpriced: 1 } })),
    plant('a preview without a price that no finding tells', 'red', costs({ metrics: { unpriced: 1 } })),
    plant('a currency that nobody knows', 'red', costs({ findings: finding('cost.unknown-currency') })),
    plant('a preview that is dead', 'red', previews({ findings: finding('preview.dead'), metrics: { dead: 1 } })),
    plant('a dead preview that no finding tells', 'red', previews({ metrics: { dead: 1 } })),
    plant('a preview that nobody asked', 'red', previews({ findings: finding('preview.not-asked'), metrics: { asked: 0, unasked: 1 } })),
    plant('a preview that nobody asked and no finding tells', 'red', previews({ metrics: { asked: 0, unasked: 1 } })),
    plant('two comments', 'red', previews({ findings: finding('preview.two-comments'), metrics: { comments: 2 } })),
    plant('no comment yet', 'green', previews({ metrics: { comments: 0 } })),
    plant('a count of errors that hides one', 'red', previews({ findings: finding('preview.dead'), metrics: { errors: 0 } })),
    plant('no deployment was ever seen', 'red', costs({ metrics: { deployments: 0 }, n: 0 })),
    later(plant('looked at three days ago', 'green'), 3 * DAY),
    later(plant('looked at longer ago than that', 'red'), 3 * DAY + 1),
  ]
  return made
}
