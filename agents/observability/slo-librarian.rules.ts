/** Objectives -> recording and alerting rules of Prometheus: several windows, several burn rates (The Site Reliability Workbook, ch. 5). Pure. */
import { stringify } from 'yaml'
import type { SloPolicy } from '../../evidence/model/config/slo.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import { badShare } from '../../evidence/slo/questions.ts'
import type { Slo } from '../../evidence/slo/registry.ts'

/** Above this burn somebody is woken: a tenth of the budget of 30 days is gone within two days at 1.5 times. */
const PAGE = 3
const NAME = 'slo:bad:share'

/** Text of `alerts/slo_rules.yaml`; the same objectives give the same text. */
export function alertRules(slos: readonly Slo[], windows: SloPolicy['windows']): string {
  const groups = slos.map((slo) => ({ name: `slo-${slo.id}`, rules: [...recorded(slo, windows), ...windows.map((pair) => alert(slo, pair))] }))
  return `# Written by release-conductor from the OpenSLO files; change those, not this file.\n${stringify({ groups }, { lineWidth: 0 })}`
}

function recorded(slo: Slo, windows: SloPolicy['windows']): object[] {
  const each = [...new Set(windows.flatMap(({ long, short }) => [long, short]))].toSorted((a, b) => milliseconds(a) - milliseconds(b))
  return each.map((window) => ({ record: `${NAME}_${window}`, expr: badShare(slo, window), labels: labelsOf(slo) }))
}

function alert(slo: Slo, { long, short, burn }: SloPolicy['windows'][number]): object {
  const limit = Number((burn * (1 - slo.target)).toPrecision(12))
  const above = (window: string) => `${NAME}_${window}{slo="${slo.id}"} > ${limit}`
  return {
    alert: 'ErrorBudgetBurns',
    expr: `${above(long)} and ${above(short)}`,
    labels: { ...labelsOf(slo), severity: burn >= PAGE ? 'page' : 'ticket', window: long },
    annotations: {
      summary: `The error budget of ${slo.id} burns ${burn} times as fast as it may, in ${long} and in ${short}.`,
      description: `Bad: {{ $value | humanizePercentage }} of the last ${long}; ${Number(((1 - slo.target) * 100).toPrecision(6))} % is the budget.`,
    },
  }
}

function labelsOf({ id, service }: Slo): Record<string, string> {
  return { slo: id, ...(service !== null && { service }) }
}
