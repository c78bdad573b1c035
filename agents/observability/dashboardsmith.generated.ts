/** Objectives without a panel -> a dashboard for Grafana that has one for each, and one for the gates. Pure: the same objectives give the same text. */
import { badShare } from '../../evidence/slo/questions.ts'
import type { Slo } from '../../evidence/slo/registry.ts'

const SOURCE = { type: 'prometheus', uid: '${datasource}' } as const
const WIDTH = 12
const HEIGHT = 8

/** What the App counts of its gates. */
export const GATE_METRIC = 'release_conductor_gate_verdicts_total'

/** As Grafana's schema has it (`@grafana/schema`, Dashboard). */
export function generatedDashboard(slos: readonly Slo[], withGates: boolean) {
  const asked = [
    ...slos.map((slo) => ({
      title: `${slo.id}: share of what was bad`,
      description: `The target leaves ${Number(((1 - slo.target) * 100).toPrecision(6))} %.`,
      expr: badShare(slo, '$__rate_interval'),
      legendFormat: slo.id,
    })),
    ...(withGates
      ? [
          {
            title: 'Gates: verdicts of the last day',
            description: 'What the gates of releases decided.',
            expr: `sum by (gate, verdict) (increase(${GATE_METRIC}[1d]))`,
            legendFormat: '{{gate}} {{verdict}}',
          },
        ]
      : []),
  ]
  return {
    title: 'Objectives and gates',
    uid: 'release-conductor-objectives',
    tags: ['release-conductor'],
    schemaVersion: 39,
    editable: true,
    time: { from: 'now-24h', to: 'now' },
    templating: { list: [{ name: 'datasource', type: 'datasource' as const, query: 'prometheus' }] },
    panels: asked.map(({ title, description, expr, legendFormat }, at) => ({
      id: at + 1,
      type: 'timeseries',
      title,
      description,
      datasource: SOURCE,
      gridPos: { x: (at % 2) * WIDTH, y: Math.floor(at / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
      fieldConfig: { defaults: { unit: 'percentunit', min: 0 }, overrides: [] },
      targets: [{ refId: 'A', datasource: SOURCE, expr, legendFormat }],
    })),
  }
}
