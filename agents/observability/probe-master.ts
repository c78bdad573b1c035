import type { Finding } from '../../evidence/model/finding.ts'
import { SloPolicy } from '../../evidence/model/config/slo.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import { readJourneys, type Journey } from '../../evidence/probes/journeys.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { capped, count } from '../tally.ts'
import { planted } from './probe-master.faults.ts'
import { isWalked, routesOf } from './probe-master.routes.ts'

type Given = Inputs['probes']
type Answer = Given['answers'][number]

export const probeMaster = agent({
  id: 'A12',
  name: 'probe-master',
  phase: ['P1'],
  gate: ['slo'],
  topic: 'probes',
  question: 'Does every journey that must always work do so now, quickly, and does none of the critical routes lie outside?',
  why: 'A service whose counters are well can still have a door that does not open.',
  version: 1,
  needs: ['probes', 'policy'],
  writes: ['probes/*.json'],
  policy: SloPolicy,
  assess({ probes }) {
    const read = probes.catalogue.text === null ? null : readJourneys(probes.catalogue.text)
    const journeys = read === null || 'problem' in read ? [] : read.journeys
    const routes = probes.openapi?.text == null ? null : routesOf(probes.openapi.text)
    const findings = capped([
      ...broken(probes, read),
      ...journeys.flatMap((journey) => journeyFindings(journey, probes)),
      ...routeFindings(probes, routes, journeys),
    ])
    const asked = probes.answers.filter(({ status, why }) => status !== null || why !== 'the step before failed').length
    const walked = routes?.filter((route) => isWalked(route, journeys)).length ?? 0
    const metrics = {
      journeys: journeys.length,
      green_journeys: journeys.filter((journey) => journeyFindings(journey, probes).length === 0).length,
      steps_asked: asked,
      slowest_ms: Math.max(0, ...probes.answers.map(({ ms }) => ms)),
      ...(routes !== null && {
        routes: routes.length,
        walked_routes: walked,
        uncovered_critical: routes.filter((route) => route.isCritical && !isWalked(route, journeys)).length,
      }),
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'slo',
          metrics,
          thresholds: { journeys: '>0', steps_asked: '>0', errors: '=0' },
          measured: { n: asked, window: probes.at, source: `probes:${probes.host}`.slice(0, 200), query: probes.catalogue.path.slice(0, 2000) },
        },
      ],
      files: journeys.map((journey) => ({ path: `probes/${journey.name}.json`, type: 'evidence' as const, content: reportOf(journey, probes) })),
      notes: `${metrics.green_journeys} of ${metrics.journeys} journeys work, ${asked} steps were asked${routes === null ? '' : `, ${walked} of ${routes.length} routes are walked`}: ${metrics.errors} errors.`,
      next: metrics.errors === 0 ? 'Nothing to do.' : 'Do what each finding says; probes/ holds what each step answered.',
    }
  },
  planted,
})

function error(rule: string, subject: string, message: string, next: string): Finding {
  return { rule, severity: 'error', subject: subject.slice(0, 500), message: message.slice(0, 1000), next }
}

function broken({ catalogue }: Given, read: ReturnType<typeof readJourneys> | null): Finding[] {
  const problem = read === null ? { line: 1, message: catalogue.why ?? 'it cannot be read' } : 'problem' in read ? read.problem : null
  if (problem === null) return []
  const message = `${catalogue.path} is no catalogue of golden paths: ${problem.message}`
  return [
    {
      rule: 'probe.catalogue-invalid',
      severity: 'error',
      path: catalogue.path.slice(0, 500),
      line: problem.line,
      message: message.slice(0, 1000),
      next: 'Write it right, such as version: 1 with journeys: [{ name: look, steps: [{ path: / }] }].',
    },
  ]
}

function stepName({ steps }: Journey, at: number): string {
  const step = steps[at]
  return step === undefined ? `step ${at + 1}` : (step.name ?? `${step.method} ${step.path}`)
}

function journeyFindings(journey: Journey, { answers, host }: Given): Finding[] {
  const own = answers.filter((one) => one.journey === journey.name)
  const steps = journey.steps.flatMap((step, at): Finding[] => {
    const answer = own.find((one) => one.step === at)
    const subject = `${journey.name}: ${stepName(journey, at)}`
    if (answer === undefined) return [error('probe.not-asked', subject, `${subject} was not asked`, 'Run phase P1 again.')]
    if (answer.elsewhere !== null)
      return [
        error(
          'probe.foreign-redirect',
          subject,
          `${subject} sends people from ${host} to ${answer.elsewhere}; it was not followed`,
          'Find out who sends them there; a journey ends where its service does.',
        ),
      ]
    if (answer.status === null)
      return answer.why === 'the step before failed'
        ? []
        : [
            error(
              'probe.no-answer',
              subject,
              `${subject}: ${answer.why ?? 'no answer'}`,
              'See whether the service runs and can be reached from the job.',
            ),
          ]
    if (answer.status !== step.status)
      return [
        error(
          'probe.status',
          subject,
          `${subject} answered ${answer.status}, not ${step.status}`,
          'Repair the journey, or the catalogue on the base branch.',
        ),
      ]
    return [...lacking(answer, subject), ...late(answer.ms, step.within, subject)]
  })
  const took = own.reduce((sum, { ms }) => sum + ms, 0)
  return [...steps, ...(steps.length > 0 ? [] : late(took, journey.within, journey.name))]
}

function lacking({ missing }: Answer, subject: string): Finding[] {
  if (missing.length === 0) return []
  return [
    error(
      'probe.body',
      subject,
      `${subject} does not hold ${missing.map((text) => JSON.stringify(text)).join(', ')}`,
      'Repair what is served, or the catalogue on the base branch.',
    ),
  ]
}

function late(ms: number, within: string, subject: string): Finding[] {
  if (ms <= milliseconds(within)) return []
  return [error('probe.slow', subject, `${subject} took ${Math.round(ms)} ms; ${within} is the limit`, 'Find out what it waits for.')]
}

function routeFindings({ openapi }: Given, routes: ReturnType<typeof routesOf>, journeys: readonly Journey[]): Finding[] {
  if (openapi === null) return []
  const path = openapi.path.slice(0, 500)
  if (routes === null)
    return [
      {
        rule: 'probe.openapi-invalid',
        severity: 'error',
        path,
        message: `${path} is no OpenAPI 3 document${openapi.why === null ? '' : `: ${openapi.why}`}`,
        next: 'Name an OpenAPI 3 document under gates.slo.probes.openapi.',
      },
    ]
  return routes
    .filter((route) => !isWalked(route, journeys))
    .map((route) => {
      const name = `${route.method} ${route.path}`.slice(0, 400)
      return route.isCritical
        ? {
            rule: 'probe.uncovered-critical',
            severity: 'error',
            path,
            subject: name,
            message: `${name} is critical, and no journey walks it`,
            next: 'Add it to a journey of the catalogue.',
          }
        : {
            rule: 'probe.uncovered',
            severity: 'info',
            path,
            subject: name,
            message: `${name} is walked by no journey`,
            next: 'Add it to a journey, or leave it: it is not marked x-critical.',
          }
    })
}

function reportOf(journey: Journey, { at, host, traces, answers }: Given): object {
  return {
    schema_version: 1,
    journey: journey.name,
    at,
    host,
    trace_id: traces[journey.name] ?? null,
    within: journey.within,
    steps: journey.steps.map((step, index) => ({
      ...step,
      answer: answers.find((one) => one.journey === journey.name && one.step === index) ?? null,
    })),
  }
}
