import { z } from 'zod'
import { parseConfig } from '../../evidence/config/parse.ts'
import { SloPolicy } from '../../evidence/model/config/slo.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { capped, count } from '../tally.ts'
import { planted } from './log-curator.faults.ts'

type Sample = Inputs['logs']['samples'][number]

export const logCurator = agent({
  id: 'A14',
  name: 'log-curator',
  phase: ['P1'],
  gate: ['slo'],
  topic: 'logs',
  question:
    'Is every line of the log one JSON object that says which release, environment, tenant, trace and commit it is of, and is it kept for a stated time?',
  why: 'What a log does not say when it is written, nobody can find out at three in the morning.',
  version: 1,
  needs: ['logs', 'policy'],
  writes: ['logs/structure.json'],
  policy: z.object({}),
  assess({ logs, policy: file }) {
    const wanted = settingsOf(file)
    const findings = capped([
      ...logs.samples.flatMap((sample) => against(sample, wanted.fields)),
      ...(wanted.retention === undefined ? [noRetention()] : []),
    ])
    const lines = logs.samples.flatMap((sample) => sample.lines)
    const json = lines.filter(({ form }) => form === 'json')
    const complete = json.filter(({ has }) => wanted.fields.every((field) => has.includes(field)))
    const metrics = {
      samples: logs.samples.length,
      lines: lines.length,
      json_lines: json.length,
      complete_lines: complete.length,
      incomplete_lines: lines.length - complete.length,
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'slo',
          metrics,
          thresholds: { lines: '>0', incomplete_lines: '=0', errors: '=0' },
          measured: {
            n: lines.length,
            window: logs.at,
            source: 'logs',
            query:
              logs.samples
                .map(({ source }) => source)
                .join(', ')
                .slice(0, 2000) || 'none',
          },
        },
      ],
      files: [
        {
          path: 'logs/structure.json',
          type: 'report',
          content: {
            schema_version: 1,
            at: logs.at,
            fields: wanted.fields,
            retention: wanted.retention ?? null,
            samples: logs.samples.map(({ source, sha256, lines: of, cut }) => ({
              source,
              sha256,
              cut,
              lines: of.length,
              json: of.filter(({ form }) => form === 'json').length,
              fields: tallied(of),
            })),
          },
        },
      ],
      notes: `${complete.length} of ${lines.length} lines are JSON with ${wanted.fields.join(', ')}: ${metrics.errors} errors.`,
      next: metrics.errors === 0 ? 'Nothing to do.' : 'Do what each finding says; logs/structure.json counts the fields.',
    }
  },
  planted,
})

/** @throws when the config cannot be used: then nobody knows what a line must say */
function settingsOf({ text }: Inputs['policy']): SloPolicy['logs'] {
  const parsed = parseConfig(text, { slo: SloPolicy })
  if (!parsed.ok) throw new Error('gates.slo of the config on the base branch cannot be used')
  return SloPolicy.parse(parsed.config.gates.slo ?? {}).logs
}

/** Field -> lines that have it. */
function tallied(lines: Sample['lines']): Record<string, number> {
  const counts = new Map<string, number>()
  for (const { has } of lines) for (const field of has) counts.set(field, (counts.get(field) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function noRetention(): Finding {
  return {
    rule: 'log.no-retention',
    severity: 'error',
    message: 'Nobody says how long logs are kept',
    next: 'Say it under gates.slo.logs.retention, as the log store is set.',
  }
}

/** Each kind of fault once, at the first line that has it. */
function against({ source, lines, problem }: Sample, fields: readonly string[]): Finding[] {
  const tell = (rule: string, message: string, next: string, line?: number): Finding => ({
    rule,
    severity: 'error',
    ...(source.startsWith('loki:') ? { subject: source } : { path: source, ...(line !== undefined && { line }) }),
    message: message.slice(0, 1000),
    next,
  })
  if (problem !== null) return [tell('log.unread', `${source} cannot be read: ${problem}`, 'See that it is there, and text.')]
  if (lines.length === 0) return [tell('log.empty', `${source} holds no line`, 'Take a sample while the service is used.')]
  const of = (form: Sample['lines'][number]['form']) => lines.filter((line) => line.form === form)
  const kinds = [
    { rule: 'log.plain-text', found: of('text'), what: 'are plain text', next: 'Log JSON, one object a line.' },
    {
      rule: 'log.stack-trace',
      found: of('stack'),
      what: 'belong to a stack trace outside JSON',
      next: 'Log the stack as a field of one JSON object.',
    },
    ...fields.map((field) => ({
      rule: 'log.missing-field',
      found: of('json').filter(({ has }) => !has.includes(field)),
      what: `have no ${field}`,
      next: `Give the logger ${field}.`,
    })),
  ]
  return kinds.flatMap(({ rule, found, what, next }) =>
    found.length === 0
      ? []
      : [tell(rule, `${source}: ${found.length} of ${lines.length} lines ${what}, the first is line ${found[0]?.line ?? 1}`, next, found[0]?.line)],
  )
}
