import { z } from 'zod'
import { canonicalize } from '../../evidence/core/canonical.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import { PerfPolicy } from '../../evidence/model/config/perf.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { MOST_ENTRIES, Trend, type TrendEntry } from '../../evidence/perf/trend.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { measuredOf } from '../performance/capacity-oracle.measures.ts'
import { capped, count } from '../tally.ts'
import { changeOf, declines } from './benchmarker.change.ts'
import { planted } from './benchmarker.faults.ts'

type Given = Pick<Inputs, 'load' | 'trend' | 'policy'>

export const benchmarker = agent({
  id: 'U4',
  name: 'benchmarker',
  phase: ['P1'],
  gate: [],
  topic: 'trend',
  question: 'Where do headroom and cost go, release after release?',
  why: 'Each release takes a little, and no release sees all that was taken.',
  version: 1,
  needs: ['load', 'trend', 'policy'],
  writes: ['perf/trend.json'],
  policy: z.object({}),
  assess(given) {
    const { trend, unread } = trendOf(given)
    const headrooms = trend.entries.map(({ headroom }) => headroom)
    const findings = capped([...unread, ...declined(trend), ...changed(trend), ...(isMeasured(given) ? [] : [nothing(given)])])
    const last = trend.entries.at(-1)
    return {
      findings,
      measurements: [],
      files: [{ path: 'perf/trend.json', type: 'evidence', content: trend }],
      notes: `${trend.entries.length} releases; headroom ${headrooms.slice(-3).map(shown).join(', ') || 'not known'}${last?.hour_usd == null ? '' : `, ${last.hour_usd.toFixed(2)} USD an hour at the peak`}: ${count(findings, 'error')} errors.`,
      next: findings.some(({ severity }) => severity === 'error') ? 'Do what each finding says.' : 'Nothing to do.',
    }
  },
  plan(given) {
    if (!isMeasured(given)) return []
    const text = `${canonicalize(trendOf(given).trend)}\n`
    return [{ kind: 'file.write', path: given.trend.path, text, why: 'What the next releases are seen beside' }]
  },
  planted,
})

function shown(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

/** @throws when the config cannot be used */
function settingsOf({ text }: Inputs['policy']): { readonly policy: PerfPolicy; readonly target: number } {
  const parsed = parseConfig(text, { perf: PerfPolicy })
  if (!parsed.ok) throw new Error('gates.perf of the config on the base branch cannot be used')
  return { policy: PerfPolicy.parse(parsed.config.gates.perf ?? {}), target: parsed.config.targets.headroom }
}

function now({ load, policy: file }: Given): TrendEntry | null {
  const { policy, target } = settingsOf(file)
  const { series } = measuredOf(load, policy, target)
  if (series.headroom === null || series.capacity === null) return null
  const needed = series.replicas_needed
  return {
    head: load.head,
    at: load.at,
    headroom: series.headroom,
    capacity: Number((series.capacity.low / series.replicas.target).toPrecision(6)),
    hour_usd: needed === null || policy.replica_hour_usd === undefined ? null : needed * policy.replica_hour_usd,
  }
}

function isMeasured(given: Given): boolean {
  return now(given) !== null
}

/** A release that is measured again takes the place of its earlier measurement. */
function trendOf(given: Given): { readonly trend: Trend; readonly unread: readonly Finding[] } {
  const { file, path } = given.trend
  const before = file?.text == null ? null : read(file.text)
  const unread: Finding[] =
    file === null || before !== null
      ? []
      : [
          {
            rule: 'trend.unread',
            severity: 'error',
            path,
            message: `${path} is no trend${file.why === null ? '' : `: ${file.why}`}`,
            next: 'Commit perf/trend.json of the last pack again, as it is.',
          },
        ]
  const entry = now(given)
  const old = (before?.entries ?? []).filter(({ head }) => head !== entry?.head)
  const entries = [...old, ...(entry === null ? [] : [entry])].slice(-MOST_ENTRIES)
  return {
    trend: { schema_version: 1, target: settingsOf(given.policy).target, entries, change: changeOf(entries.map(({ headroom }) => headroom)) },
    unread,
  }
}

function read(text: string): Trend | null {
  try {
    const parsed = Trend.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

function nothing({ load }: Given): Finding {
  return {
    rule: 'trend.not-measured',
    severity: 'warning',
    message: `This release adds nothing: its headroom is not known${load.failure === null ? '' : `, ${load.failure}`}`.slice(0, 1000),
    next: 'Do what capacity-oracle says.',
  }
}

function declined({ entries, target }: Trend): Finding[] {
  const headrooms = entries.map(({ headroom }) => headroom)
  if (!declines(headrooms)) return []
  const message = `Headroom fell in each of the last three releases: ${headrooms.slice(-3).map(shown).join(', ')}; ${shown(target)} must be left`
  return [{ rule: 'trend.decline', severity: 'error', message, next: 'Find out what each of them took before there is none left.' }]
}

function changed({ change, entries }: Trend): Finding[] {
  if (change === null) return []
  const since = entries[change.at]
  const message = `Since ${since?.head.slice(0, 12) ?? 'then'} headroom is at another level: ${shown(change.after)} instead of ${shown(change.before)}`
  return [{ rule: 'trend.change', severity: change.after < change.before ? 'warning' : 'info', message, next: 'See what that release changed.' }]
}
