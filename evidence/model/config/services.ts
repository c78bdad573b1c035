/** The rest of the house: agents of the adopter's own, telemetry, models, evidence, and the workflow that the App starts. */
import { z } from 'zod'
import { Topic } from '../kinds.ts'
import { GateId, Phase } from '../phases.ts'
import { Duration, milliseconds } from '../primitives.ts'
import { OperatorName, WorkflowFile } from './names.ts'

export const OwnAgent = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,60}$/, 'a name such as licence-board')
      .describe('Its name.'),
    phase: Phase.describe('The phase it runs in.'),
    command: z
      .array(z.string().min(1).max(500))
      .min(1)
      .max(50)
      .optional()
      .describe('A command: request on standard input, response on standard output.'),
    url: z
      .url({ protocol: /^https$/, error: 'an https address' })
      .max(500)
      .optional()
      .describe('Or an HTTPS endpoint.'),
    topic: Topic.describe('What it looks at.'),
    feeds: z.array(GateId).max(19).default([]).describe('Gates that then require its topic; its opinion may lower them, never raise them.'),
    capabilities: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,49}$/, 'a program such as opa'))
      .max(20)
      .default([])
      .describe('Programs it uses; it is told which of them the job has.'),
    timeout: Duration.default('2m').describe('Longest run.'),
  })
  .refine((agent) => (agent.command === undefined) !== (agent.url === undefined), { path: ['command'], error: 'either a command or a url' })

const Host = z
  .string()
  .max(260)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[1-9]\d{0,4})?$/,
    'a host such as prometheus.acme.example, or prometheus:9090',
  )

export const ConductConfig = z.strictObject({
  workflow: WorkflowFile.default('release-conductor.yml').describe('Your workflow that calls conduct.yml; the App starts it on the release branch.'),
  hosts: z
    .array(Host)
    .max(50)
    .default([])
    .describe('Hosts that the jobs of an evidence run may ask, with the port where it is not that of http or https; no others.'),
})

const Channels = z.array(OperatorName).max(10).default([])

export const ObserveConfig = z.strictObject({
  otlp: OperatorName.optional().describe('Where traces go, by its name in the operator file.'),
  log_level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('How much is logged.'),
  messages: z
    .strictObject({
      start: Channels.describe('A rollout starts: version, steps, gates, who is on call.'),
      breach: Channels.describe('It was rolled back: step, reason, trace.'),
      ga: Channels.describe('The release serves everyone.'),
    })
    .prefault({})
    .describe('Who is told what, once each: webhooks, by their names in the operator file.'),
  comment: z.enum(['single']).default('single').describe('One status comment per release, edited in place.'),
})

export const ModelsConfig = z.strictObject({
  drafts: OperatorName.optional().describe('A language model for drafts, by its name in the operator file.'),
  enabled: z.boolean().default(false).describe('Drafts and summaries only; a model never decides a gate.'),
})

const DAY = milliseconds('1d')
/** A year at least (a leap year of 366 days is a year too), a century at most. */
const Retention = Duration.refine((text) => milliseconds(text) >= 365 * DAY && milliseconds(text) <= 36_500 * DAY, {
  abort: true,
  error: '365d or more (36500d at most): evidence is kept for a year at least',
})

export const EvidenceConfig = z.strictObject({
  retention: Retention.default('400d').describe('How long evidence is kept, at least 365d.'),
  classes: z
    .strictObject({
      release: Retention.optional().describe('Packs of what was proven or promoted.'),
      incident: Retention.optional().describe('Packs of what was rolled back.'),
    })
    .prefault({})
    .describe('Other times for a class of packs.'),
  sign: z
    .enum(['keyless', 'key'])
    .default('keyless')
    .describe('What counts: keyless, certificates of trust.workflows and the keys of trust.keys; key, only the keys.'),
  log: z
    .enum(['rekor-v1', 'rekor-v2', 'none'])
    .optional()
    .describe('The transparency log that must hold the pack before 100 %. Left out: the log of whoever runs the App, if there is one.'),
  store: z
    .array(z.union([z.literal('github-release'), OperatorName], { error: 'github-release or a name from the operator file' }))
    .min(1)
    .max(5)
    .default(['github-release'])
    .describe('Where packs are kept.'),
})
