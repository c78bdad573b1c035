import { z } from 'zod'
import { parseConfig } from '../../evidence/config/parse.ts'
import { PerfPolicy } from '../../evidence/model/config/perf.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { capped, count } from '../tally.ts'
import { planted } from './capacity-oracle.faults.ts'
import { meanOf } from './capacity-oracle.fit.ts'
import { answeredIn, LEAST_STEPS, measuredOf, throughputs, type Measured } from './capacity-oracle.measures.ts'

export const capacityOracle = agent({
  id: 'A27',
  name: 'capacity-oracle',
  phase: ['P1'],
  gate: ['perf'],
  topic: 'capacity',
  question: 'How much more could production take than it will have to at its peak, and what stops it then?',
  why: 'A service has no capacity until somebody has seen it reach one.',
  version: 1,
  needs: ['load', 'policy'],
  writes: ['perf/headroom.json'],
  policy: z.object({}),
  assess({ load, policy: file }) {
    const { policy, target } = settingsOf(file)
    const measured = measuredOf(load, policy, target)
    const { series, usable } = measured
    const findings = capped([...unfit(load, measured, policy), ...failed(load, measured), ...retrograde(measured), ...short(measured)])
    const metrics = {
      steps: load.steps.length,
      usable_steps: usable.length,
      ...(series.capacity !== null && { capacity: series.capacity.value, capacity_low: series.capacity.low, capacity_users: series.capacity.users }),
      ...(series.fit !== null && { contention: series.fit.alpha, crosstalk: series.fit.beta }),
      ...(measured.knee !== null && { knee_users: measured.knee }),
      ...(series.headroom !== null && { headroom: series.headroom }),
      ...(series.replicas_needed !== null && { replicas_needed: series.replicas_needed }),
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'perf',
          metrics,
          thresholds: { usable_steps: `>=${LEAST_STEPS}`, errors: '=0' },
          measured: {
            n: usable.reduce((sum, step) => sum + answeredIn(step), 0),
            window: `${usable.length} steps of ${policy.step} until ${load.at}`,
            source: `load:${load.host}`.slice(0, 200),
            query: `${usable.map(({ users }) => users).join(', ') || 'no'} users`,
          },
        },
      ],
      files: [{ path: 'perf/headroom.json', type: 'evidence', content: series }],
      notes: `${words(measured)}: ${metrics.errors} errors.`,
      next: metrics.errors === 0 ? 'Nothing to do.' : 'Do what each finding says.',
    }
  },
  planted,
})

/** @throws when the config cannot be used: then nobody knows how much must be left */
function settingsOf({ text }: Inputs['policy']): { readonly policy: PerfPolicy; readonly target: number } {
  const parsed = parseConfig(text, { perf: PerfPolicy })
  if (!parsed.ok) throw new Error('gates.perf of the config on the base branch cannot be used')
  return { policy: PerfPolicy.parse(parsed.config.gates.perf ?? {}), target: parsed.config.targets.headroom }
}

function shown(value: number): string {
  return `${Number(value.toPrecision(3))}`
}

function words({ series: { capacity, headroom, peak, replicas_needed: needed, replicas } }: Measured): string {
  if (capacity === null) return 'No capacity is known'
  const left =
    headroom === null
      ? ''
      : `; ${(headroom * 100).toFixed(0)} % are left at a peak of ${peak}/s, which needs ${needed} of ${replicas.production} replicas`
  return `${shown(capacity.value)} answers a second (at least ${shown(capacity.low)}) at ${shown(capacity.users)} users${left}`
}

function error(rule: string, message: string, next: string, subject?: string): Finding {
  return { rule, severity: 'error', ...(subject !== undefined && { subject }), message: message.slice(0, 1000), next }
}

function unfit({ failure, host, steps }: Inputs['load'], { usable, series }: Measured, { peak }: PerfPolicy): Finding[] {
  const none =
    peak === undefined
      ? [error('capacity.no-peak', 'Nobody said how much production has to give at its peak', 'Name it under gates.perf.peak, in requests a second.')]
      : []
  if (series.fit !== null) return none
  const why = failure ?? `${usable.length} of ${steps.length} steps can be used; ${LEAST_STEPS} are needed to fit a law of three numbers`
  return [
    ...none,
    error('capacity.too-few-points', `The capacity of ${host} is not known: ${why}`, 'Name more steps under gates.perf.users, or see why they fail.'),
  ]
}

function failed({ steps }: Inputs['load'], { usable }: Measured): Finding[] {
  return steps
    .filter((step) => !usable.includes(step))
    .map((step) => ({
      rule: 'capacity.step-failed',
      severity: 'warning',
      subject: `${step.users} users`,
      message: `With ${step.users} users ${step.bad} requests failed and ${answeredIn(step)} were answered: the step does not count, and nothing is promised beyond the one before`,
      next: 'Find out what fails with so many users.',
    }))
}

/** Below this, less is only noise. */
const NOTABLE = 0.05

function retrograde({ usable }: Measured): Finding[] {
  const means = usable.map((step) => ({ users: step.users, ...meanOf(throughputs(step)) }))
  const [best, last] = [means.toSorted((a, b) => b.value - a.value)[0], means.at(-1)]
  if (best === undefined || last === undefined || last.value > best.value * (1 - NOTABLE) || last.high >= best.low) return []
  const message = `${last.users} users get ${shown(last.value)} answers a second, ${best.users} got ${shown(best.value)}: beyond that, more load means less work`
  return [
    error(
      'capacity.retrograde',
      message,
      'Limit how many are served at once to what gets most done, or find out what they wait for.',
      `${last.users} users`,
    ),
  ]
}

function short({ series: { headroom, target, capacity, peak, replicas, replicas_needed: needed } }: Measured): Finding[] {
  if (headroom === null || capacity === null || headroom >= target) return []
  const message = `At a peak of ${peak}/s ${(headroom * 100).toFixed(1)} % of the capacity of ${replicas.production} replicas are left; ${(target * 100).toFixed(0)} % must be. ${replicas.target} of them gave at least ${shown(capacity.low)}/s`
  return [error('capacity.headroom', message, `Run ${needed ?? 'more'} replicas, or make each do more.`)]
}
