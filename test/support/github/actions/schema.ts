/**
 * The part of GitHub's workflow syntax that this runner knows, as strict schemas: any other key, event, shell or runner label is refused by name.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
 */
import { z } from 'zod'

const RESERVED = new Set(['__proto__', 'constructor', 'prototype'])
const Id = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/)
  .refine((name) => !RESERVED.has(name), 'a reserved name')

/** As YAML gives it; `with` of a reusable workflow keeps booleans and numbers. */
const Scalar = z.union([z.string(), z.number(), z.boolean()])
const Text = Scalar.transform(String)
const Env = z.record(Id, Text)
const Minutes = z.number().positive().max(360)

export const PERMISSIONS = [
  'actions',
  'artifact-metadata',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'id-token',
  'issues',
  'packages',
  'pages',
  'pull-requests',
  'security-events',
  'statuses',
] as const
const Level = z.enum(['read', 'write', 'none'])
export const Permissions = z.partialRecord(z.enum(PERMISSIONS), Level).refine((map) => map['id-token'] !== 'read', 'id-token is write or none')
export type Permissions = z.infer<typeof Permissions>

const Concurrency = z.union([
  z.string(),
  z.strictObject({
    group: z.string(),
    'cancel-in-progress': z.union([z.boolean(), z.string()]).optional(),
    queue: z.enum(['single', 'max']).optional(),
  }),
])
const Shell = z.enum(['bash', 'sh'])
const Defaults = z.strictObject({ run: z.strictObject({ shell: Shell.optional(), 'working-directory': z.string().optional() }) })

const DispatchInput = z.strictObject({
  description: z.string().optional(),
  required: z.boolean().optional(),
  default: Scalar.optional(),
  type: z.enum(['string', 'boolean', 'number', 'choice', 'environment']).optional(),
  options: z.array(z.string()).optional(),
})
export const CallInput = z.strictObject({
  description: z.string().optional(),
  required: z.boolean().optional(),
  default: Scalar.optional(),
  type: z.enum(['string', 'boolean', 'number']),
})
export type CallInput = z.infer<typeof CallInput>
const Patterns = z.array(z.string())
const Filters = z
  .strictObject({
    branches: Patterns.optional(),
    'branches-ignore': Patterns.optional(),
    tags: Patterns.optional(),
    paths: Patterns.optional(),
    'paths-ignore': Patterns.optional(),
    types: Patterns.optional(),
  })
  .nullable()

const Events = z.strictObject({
  workflow_dispatch: z
    .strictObject({ inputs: z.record(Id, DispatchInput).optional() })
    .nullable()
    .optional(),
  workflow_call: z
    .strictObject({
      inputs: z.record(Id, CallInput).optional(),
      secrets: z.record(Id, z.strictObject({ description: z.string().optional(), required: z.boolean().optional() }).nullable()).optional(),
      outputs: z.record(Id, z.strictObject({ description: z.string().optional(), value: z.string() })).optional(),
    })
    .nullable()
    .optional(),
  push: Filters.optional(),
  pull_request: Filters.optional(),
  schedule: z.array(z.strictObject({ cron: z.string(), timezone: z.string().optional() })).optional(),
})
const On = z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]).transform((on, context) => {
  const map = typeof on === 'string' ? { [on]: null } : Array.isArray(on) ? Object.fromEntries(on.map((event) => [event, null])) : on
  const parsed = Events.safeParse(map)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) context.addIssue({ ...issue, path: issue.path, code: 'custom', message: issue.message })
  return z.NEVER
})

export const Step = z
  .strictObject({
    id: Id.optional(),
    name: z.string().optional(),
    if: Text.optional(),
    env: Env.optional(),
    uses: z.string().optional(),
    with: z.record(Id, Text).optional(),
    run: z.string().optional(),
    shell: Shell.optional(),
    'working-directory': z.string().optional(),
    'continue-on-error': z.boolean().optional(),
    'timeout-minutes': Minutes.optional(),
  })
  .refine((step) => (step.run === undefined) !== (step.uses === undefined), 'a step has either run or uses')
  .refine(
    (step) => step.run !== undefined || (step.shell === undefined && step['working-directory'] === undefined),
    'shell and working-directory belong to run',
  )
  .refine((step) => step.uses !== undefined || step.with === undefined, 'with belongs to uses')
export type Step = z.infer<typeof Step>

const Needs = z.union([Id.transform((id) => [id]), z.array(Id)]).optional()
const common = {
  name: z.string().optional(),
  needs: Needs,
  if: Text.optional(),
  permissions: Permissions.optional(),
  concurrency: Concurrency.optional(),
}

export const StepsJob = z.strictObject({
  ...common,
  'runs-on': z.enum(['ubuntu-latest', 'ubuntu-24.04', 'ubuntu-22.04']),
  /** Only without a deployment of GitHub's own: the App makes the deployments (GITHUB T51). */
  environment: z.strictObject({ name: z.string(), url: z.string().optional(), deployment: z.literal(false) }).optional(),
  /** One dimension, whose values are a list or an expression that gives one. */
  strategy: z
    .strictObject({
      matrix: z.record(Id, z.union([z.string(), z.array(Scalar)])).refine((matrix) => Object.keys(matrix).length === 1, 'one dimension'),
      'fail-fast': z.literal(false),
    })
    .optional(),
  env: Env.optional(),
  outputs: z.record(Id, Text).optional(),
  defaults: Defaults.optional(),
  'timeout-minutes': Minutes.optional(),
  steps: z.array(Step).min(1),
})
export type StepsJob = z.infer<typeof StepsJob>

export const CallJob = z.strictObject({
  ...common,
  uses: z.string(),
  with: z.record(Id, Scalar).optional(),
  secrets: z.union([z.literal('inherit'), z.record(Id, z.string())]).optional(),
})
export type CallJob = z.infer<typeof CallJob>

export const Workflow = z.strictObject({
  name: z.string().optional(),
  'run-name': z.string().optional(),
  on: On,
  permissions: Permissions.optional(),
  env: Env.optional(),
  defaults: Defaults.optional(),
  concurrency: Concurrency.optional(),
  jobs: z.record(Id, z.unknown()),
})
export type Workflow = Omit<z.infer<typeof Workflow>, 'jobs'> & { readonly jobs: ReadonlyMap<string, StepsJob | CallJob> }

export const ActionFile = z.strictObject({
  name: z.string(),
  description: z.string(),
  author: z.string().optional(),
  branding: z.strictObject({ icon: z.string(), color: z.string() }).optional(),
  inputs: z
    .record(
      Id,
      z.strictObject({
        description: z.string().optional(),
        required: z.boolean().optional(),
        default: Text.optional(),
        deprecationMessage: z.string().optional(),
      }),
    )
    .optional(),
  outputs: z.record(Id, z.strictObject({ description: z.string().optional() })).optional(),
  runs: z.strictObject({ using: z.literal('node24'), main: z.string() }),
})
export type ActionFile = z.infer<typeof ActionFile>
