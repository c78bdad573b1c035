import { SloPolicy } from '../../evidence/model/config/slo.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { selectorsOf } from '../../evidence/slo/questions.ts'
import { registryOf, type Slo } from '../../evidence/slo/registry.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { capped, count } from '../tally.ts'
import { annotationOf } from './dashboardsmith.annotation.ts'
import { planted } from './dashboardsmith.faults.ts'
import { GATE_METRIC, generatedDashboard } from './dashboardsmith.generated.ts'
import { metricsOf, panelsOf, type Panel } from './dashboardsmith.panels.ts'

type Given = Inputs['dashboards']

export const dashboardsmith = agent({
  id: 'A13',
  name: 'dashboardsmith',
  phase: ['P1'],
  gate: ['slo'],
  topic: 'dashboards',
  question: 'Can people see every objective and every gate, on panels that ask for what exists?',
  why: 'A panel that asks for a metric that is gone shows nothing, and nothing looks like all is well.',
  version: 2,
  needs: ['dashboards', 'policy'],
  writes: ['dashboards/*.json'],
  policy: SloPolicy,
  assess({ dashboards }) {
    const { panels, unread } = read(dashboards)
    const slos = objectives(dashboards)
    const bare = slos.filter((slo) => !isShown(slo, panels))
    const findings = capped([...unread, ...unknown(dashboards, panels), ...bare.map(noPanel), ...(hasGates(panels) ? [] : [noGates()])])
    const queries = panels.reduce((sum, panel) => sum + panel.queries.length, 0)
    const metrics = {
      dashboards: dashboards.files.length + (dashboards.grafana?.dashboards.length ?? 0),
      panels: panels.length,
      queries,
      shown_objectives: slos.length - bare.length,
      unshown_objectives: bare.length,
      known_metrics: dashboards.known.names.length,
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'slo',
          metrics,
          thresholds: { panels: '>0', known_metrics: '>0', errors: '=0' },
          measured: {
            n: panels.length,
            window: dashboards.at,
            source: `git; ${dashboards.known.source}`.slice(0, 200),
            query:
              [...dashboards.files.map(({ path }) => path), ...(dashboards.grafana === null ? [] : [dashboards.grafana.host])]
                .join(', ')
                .slice(0, 2000) || 'none',
          },
        },
      ],
      files:
        bare.length === 0 && hasGates(panels)
          ? []
          : [{ path: 'dashboards/objectives.json', type: 'dash', content: generatedDashboard(bare, !hasGates(panels)) }],
      notes: `${panels.length} panels ask ${queries} queries; ${metrics.shown_objectives} of ${slos.length} objectives are shown: ${metrics.errors} errors.`,
      next: metrics.errors === 0 ? 'Nothing to do.' : 'Do what each finding says; dashboards/objectives.json shows what is missing.',
    }
  },
  plan({ dashboards }) {
    const { panels } = read(dashboards)
    const bare = objectives(dashboards).filter((slo) => !isShown(slo, panels))
    const told = annotationOf(dashboards)
    if (bare.length === 0 && hasGates(panels)) return told
    const text = `${JSON.stringify(generatedDashboard(bare, !hasGates(panels)), null, 2)}\n`
    return [
      {
        kind: 'file.write',
        path: 'dashboards/objectives.json',
        text,
        why: `Panels for ${bare.length} objectives${hasGates(panels) ? '' : ' and the gates'}, which nobody can see`,
      },
      ...told,
    ]
  },
  planted,
})

function read({ files, grafana }: Given): { readonly panels: readonly Panel[]; readonly unread: readonly Finding[] } {
  const all = [
    ...files.map(({ path, text, why }) => ({ where: path, text, why })),
    ...(grafana?.dashboards ?? []).map(({ uid, text }) => ({ where: `grafana:${uid}`, text, why: null })),
  ]
  const parsed = all.map(({ where, text, why }) => ({ where, why, panels: text === null ? null : panelsOf(where, text) }))
  const unread = parsed.flatMap(({ where, why, panels }): Finding[] =>
    panels === null
      ? [
          {
            rule: 'dash.unread',
            severity: 'error',
            subject: where.slice(0, 500),
            message: `${where} is no dashboard of Grafana${why === null ? '' : `: ${why}`}`.slice(0, 1000),
            next: 'Export it as JSON, or name fewer files under gates.slo.dashboards.files.',
          },
        ]
      : [],
  )
  const silent: Finding[] =
    grafana?.problem == null
      ? []
      : [
          {
            rule: 'dash.unread',
            severity: 'error',
            subject: grafana.host,
            message: `${grafana.host} could not be asked: ${grafana.problem}`.slice(0, 1000),
            next: 'See whether the job can reach it, and give it a token that may look: the secret grafana-token, with dashboards:read.',
          },
        ]
  return { panels: parsed.flatMap(({ panels }) => panels ?? []), unread: [...unread, ...silent] }
}

function objectives({ objectives: files }: Given): readonly Slo[] {
  return registryOf(files.flatMap(({ path, text }) => (text === null ? [] : [{ path, text }]))).slos
}

/** Some query asks for every metric of its indicator, or for the recorded share of it by name. */
function isShown(slo: Slo, panels: readonly Panel[]): boolean {
  const wanted = selectorsOf(slo).flatMap((selector) => metricsOf(selector) ?? [])
  return panels.some((panel) => {
    const all = new Set(panel.queries.flatMap(({ metrics }) => metrics ?? []))
    return (wanted.length > 0 && wanted.every((metric) => all.has(metric))) || panel.queries.some(({ expr }) => expr.includes(`slo="${slo.id}"`))
  })
}

function hasGates(panels: readonly Panel[]): boolean {
  return panels.some(({ queries }) => queries.some(({ metrics }) => metrics?.includes(GATE_METRIC)))
}

function noPanel(slo: Slo): Finding {
  return {
    rule: 'dash.no-panel',
    severity: 'error',
    path: slo.path,
    line: slo.line,
    subject: slo.id,
    message: `no panel shows ${slo.id}`,
    next: 'Add one; dashboards/objectives.json has it.',
  }
}

function noGates(): Finding {
  const message = `no panel shows what gates decided (${GATE_METRIC})`
  return {
    rule: 'dash.no-gates',
    severity: 'warning',
    message,
    next: 'Add one, or import deploy/grafana/release-conductor.json of Release Conductor.',
  }
}

/** Written by rules of ours, or counted by the App: they need not be there yet. */
const OURS = /^(?:slo:|release_conductor_)/

function unknown({ known }: Given, panels: readonly Panel[]): Finding[] {
  if (known.problem !== null)
    return [
      {
        rule: 'dash.metrics-unknown',
        severity: 'error',
        message: `Nobody knows which metrics exist: ${known.source}: ${known.problem}`.slice(0, 1000),
        next: 'See whether the metrics source can be reached from the job.',
      },
    ]
  const names = new Set(known.names)
  return panels.flatMap(({ where, title, queries }) =>
    queries.flatMap(({ expr, metrics }): Finding[] => {
      const subject = `${where}: ${title}`.slice(0, 500)
      if (metrics === null)
        return [
          {
            rule: 'dash.broken-query',
            severity: 'error',
            subject,
            message: `${subject} asks ${expr.slice(0, 300)}, which is no PromQL`,
            next: 'Correct the query.',
          },
        ]
      const lost = metrics.filter((name) => !OURS.test(name) && !names.has(name))
      return lost.length === 0
        ? []
        : [
            {
              rule: 'dash.unknown-metric',
              severity: 'error',
              subject,
              message: `${subject} asks for ${lost.join(', ')}, which ${known.source} does not know`.slice(0, 1000),
              next: 'Correct the name, or take the panel away.',
            },
          ]
    }),
  )
}
