import { z } from 'zod'
import { parseConfig } from '../../evidence/config/parse.ts'
import { isPreviewHost, PreviewPolicy } from '../../evidence/model/config/previews.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import { isOfPull } from '../../evidence/model/preview.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { costed } from '../platform/cost-finops.costs.ts'
import { capped, count } from '../tally.ts'
import { previewComment, type Health, type Shown } from './preview-concierge.comment.ts'
import { planted } from './preview-concierge.faults.ts'

type Given = Inputs['previews']
type Preview = Given['previews'][number]

export const previewConcierge = agent({
  id: 'A53',
  name: 'preview-concierge',
  phase: ['P1'],
  gate: ['preview_budget'],
  topic: 'previews',
  question: 'Does each preview answer, and does the pull request say so in one place?',
  why: 'A preview that is dead, or told about twice, costs those who look for it.',
  version: 2,
  needs: ['previews', 'pullRequest', 'policy'],
  writes: ['previews.json'],
  policy: z.object({}),
  assess({ previews, pullRequest, policy: file }) {
    const { policy } = settingsOf(file)
    const all = shown(previews, pullRequest.head.ref, file)
    const number = (health: Health): number => all.filter((one) => one.health === health).length
    const findings = capped([...all.flatMap((one) => dead(one, previews, policy)), ...twice(previews)])
    const metrics = {
      deployments: previews.seen,
      previews: all.length,
      asked: number('answers') + number('does not answer'),
      unasked: number('was not asked') + number('is not up yet'),
      asleep: number('asleep'),
      dead: number('does not answer'),
      comments: previews.comments?.length ?? 0,
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'preview_budget',
          metrics,
          thresholds: { deployments: '>0', errors: '=0' },
          measured: {
            n: previews.seen,
            window: previews.at,
            source: 'github deployments',
            query: `${pullRequest.head.ref} in ${policy.environments.join(', ')}`.slice(0, 2000),
          },
        },
      ],
      files: [
        {
          path: 'previews.json',
          type: 'evidence',
          content: {
            schema_version: 1,
            at: previews.at,
            previews: all.map(({ preview, health, hoursLeft }) => ({ ...preview, health, hours_left: hoursLeft })),
            comments: (previews.comments ?? []).map(({ id, author }) => ({ id, author })),
          },
        },
      ],
      notes: `${all.length} previews of this pull request, ${metrics.asleep} of them asleep, ${metrics.dead} of ${metrics.asked} that were asked do not answer, ${metrics.comments} comments: ${metrics.errors} errors.`,
      next: metrics.errors === 0 ? 'Nothing to do.' : 'Do what each finding says; `run --phase=P1 --plan` shows the one comment.',
    }
  },
  plan({ previews, pullRequest, policy: file }) {
    const { policy } = settingsOf(file)
    const text = previewComment(shown(previews, pullRequest.head.ref, file), { isSwitched: policy.sleep !== undefined })
    if (previews.comments === null || (previews.comments.length === 1 && previews.comments[0]?.body === text)) return []
    return [
      {
        kind: 'comment.write',
        path: `pulls/${pullRequest.number}/comments/previews`,
        text,
        why: 'One comment says where the previews are, and how they are',
      },
    ]
  },
  planted,
})

/** @throws when the config cannot be used */
function settingsOf({ text }: Inputs['policy']): { readonly policy: PreviewPolicy; readonly ttlMs: number } {
  const parsed = parseConfig(text, { preview_budget: PreviewPolicy })
  if (!parsed.ok) throw new Error('gates.preview_budget of the config on the base branch cannot be used')
  return { policy: PreviewPolicy.parse(parsed.config.gates.preview_budget ?? {}), ttlMs: milliseconds(parsed.config.budgets.preview_ttl) }
}

/** Those of this pull request that run: of its branch or its head. */
function shown(given: Given, ref: string, file: Inputs['policy']): readonly Shown[] {
  const { ttlMs, policy } = settingsOf(file)
  return costed(given, policy, ttlMs)
    .filter(({ preview }) => isOfPull(preview, { ref, head: given.head }))
    .map(({ preview, dayUsd, hoursLeft }) => ({ preview, health: healthOf(preview, given), dayUsd, hoursLeft }))
}

/** Only what claims to be up is dead when it does not answer. */
function healthOf({ deployment, state, asleep_since: asleep }: Preview, { health }: Given): Health {
  if (asleep !== null) return 'asleep'
  const answer = health.find((one) => one.deployment === deployment)
  if (answer === undefined) return 'was not asked'
  if (isAlive(answer.status)) return 'answers'
  return state === 'success' ? 'does not answer' : 'is not up yet'
}

/** Whoever asks for a login is there; whoever says that there is nothing, or breaks, is not. */
function isAlive(status: number | null): boolean {
  return status !== null && status < 500 && status !== 404 && status !== 410
}

function dead({ preview, health }: Shown, { health: answers }: Given, { hosts }: PreviewPolicy): Finding[] {
  const subject = preview.environment
  if (health === 'answers' || health === 'asleep') return []
  if (health === 'is not up yet')
    return [
      {
        rule: 'preview.not-up',
        severity: 'error',
        subject,
        message: `${subject} does not answer, and its deployment is ${preview.state ?? 'without a status'}: whether it will is not known`.slice(
          0,
          1000,
        ),
        next: 'Wait until its deployment is a success, then run phase P1 again.',
      },
    ]
  if (health === 'does not answer') {
    const answer = answers.find(({ deployment }) => deployment === preview.deployment)
    const why = answer?.why ?? `it answered ${answer?.status ?? 'nothing'}`
    return [
      {
        rule: 'preview.dead',
        severity: 'error',
        subject,
        message: `${preview.url ?? subject} is dead: ${why}`.slice(0, 1000),
        next: 'Deploy it again, or take it down.',
      },
    ]
  }
  if (preview.url === null)
    return [
      {
        rule: 'preview.no-address',
        severity: 'error',
        subject,
        message: `${subject} has no address: nobody can look at it`,
        next: 'Set environment_url in its deployment status.',
      },
    ]
  const host = URL.canParse(preview.url) ? new URL(preview.url).host : preview.url
  const foreign = isPreviewHost(host, hosts) ? 'it could not be asked' : 'gates.preview_budget.hosts does not list its host'
  return [
    {
      rule: 'preview.not-asked',
      severity: 'error',
      subject,
      message: `${host.slice(0, 200)} was not asked: ${foreign}`,
      next: 'List the hosts of previews under gates.preview_budget.hosts.',
    },
  ]
}

function twice({ comments }: Given): Finding[] {
  if (comments === null || comments.length < 2) return []
  const message = `The pull request has ${comments.length} comments about previews (${comments.map(({ id }) => id).join(', ')}): only one of them can be right`
  return [{ rule: 'preview.two-comments', severity: 'error', message: message.slice(0, 1000), next: 'Delete all but the newest.' }]
}
