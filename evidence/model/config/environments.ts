/** `environments.<name>`: where a release goes, in which steps, how long each bakes, and what sends it back. */
import { z } from 'zod'
import { Duration, milliseconds } from '../primitives.ts'
import { OperatorName, Ratio, RepositoryPath, Share, Why, WorkflowFile } from './names.ts'

const Inputs = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/, 'an input name'), z.string().max(1000))
const Dispatch = z.strictObject({
  workflow: WorkflowFile.describe('A file in .github/workflows of the default branch.'),
  inputs: Inputs.default({}).describe('Inputs of your own; the App adds version, sha, step, plan, digests and the rest.'),
})
const Absence = z.enum(['indeterminate', 'zero', 'fail'])

/** One duration for all steps, or one per step. */
const PerStep = z.union([Duration, z.record(z.string().regex(/^(?:[1-9]\d?|100)$/, 'a step such as 10'), Duration)], {
  error: 'a duration such as 10m, or one per step such as { 10: 10m, 100: 30m }',
})
export type PerStep = z.infer<typeof PerStep>

const Step = z.number().int().min(1).max(100)

const Hook = z
  .strictObject({
    workflow: WorkflowFile.optional().describe('A file in .github/workflows of the default branch: its run must succeed.'),
    inputs: Inputs.default({}).describe('Inputs of your own; the App adds hook, version, sha, environment, step, plan and key.'),
    webhook: OperatorName.optional().describe('An address, by its name in the operator file: it must answer {"result": "ok"}.'),
    steps: z.array(Step).min(1).max(20).optional().describe('Only at these steps; absent: at each.'),
  })
  .refine((hook) => (hook.workflow === undefined) !== (hook.webhook === undefined), 'either a workflow or a webhook, such as { workflow: smoke.yml }')

const GoldenPath = z
  .strictObject({
    url: OperatorName.optional().describe('An address, by its name in the operator file.'),
    status: z.number().int().min(200).max(599).default(200).describe('The status it must answer with.'),
    workflow: WorkflowFile.optional().describe('A file in .github/workflows of the default branch: its run must succeed.'),
    inputs: Inputs.default({}).describe('Inputs of your own; the App adds what it adds to a hook.'),
  })
  .refine((path) => (path.workflow === undefined) !== (path.url === undefined), 'either a url or a workflow, such as { url: shop-checkout }')

export const EnvironmentConfig = z
  .strictObject({
    deploy: Dispatch.prefault({ workflow: 'deploy.yml' }).describe('The workflow that puts the version there.'),
    router: OperatorName.optional().describe(
      'What moves the traffic, by its name in the operator file; `deployment`: your deploy workflow moves it both ways and says so. Without it nothing is promoted there.',
    ),
    metrics: OperatorName.optional().describe('Where both versions are measured, by its name in the operator file.'),
    steps: z
      .array(Step)
      .min(1)
      .max(20)
      .refine(
        (steps) => steps.every((step, at) => at === 0 || step > (steps[at - 1] ?? 0)) && steps.at(-1) === 100,
        'rising steps that end with 100, such as [10, 50, 100]',
      )
      .default([10, 50, 100])
      .describe('Percent of the traffic, step by step.'),
    bake: PerStep.default('10m').describe('How long each step is watched before it may advance.'),
    deadline: PerStep.default('60m').describe('When a step that still does not advance is rolled back.'),
    guard: z
      .strictObject({ errors: Share.default(0.01).describe('Highest share of failed requests: 0.01 is one percent.') })
      .prefault({})
      .describe('Absolute limits: a breach rolls back at once.'),
    judge: z
      .strictObject({
        false_alarm: Share.default(0.01).describe('Chance of rolling back a version that is no worse, over all metrics and looks.'),
        miss: Share.default(0.05).describe('Chance of keeping a version that is worse by the minimum effect.'),
        minimum_effect: z
          .strictObject({ errors: Ratio.default('1.25x').describe('Errors.'), latency: Ratio.default('1.10x').describe('Latency.') })
          .prefault({})
          .describe('A difference that is surely smaller does not roll back.'),
        certify: z
          .strictObject({ errors: Ratio.default('2x').describe('Errors.'), latency: Ratio.default('1.25x').describe('Latency.') })
          .prefault({})
          .describe('Worse than this must be excluded before a step advances.'),
        warm_up: Duration.optional().describe('Not compared for so long after the first request; left out: compared from the start.'),
      })
      .prefault({})
      .describe('The statistical comparison with the stable version.'),
    absence: z
      .strictObject({ errors: Absence.default('indeterminate').describe('Errors.'), latency: Absence.default('indeterminate').describe('Latency.') })
      .prefault({})
      .describe('What no data means.'),
    flags: z
      .array(OperatorName)
      .max(20)
      .refine((flags) => new Set(flags).size === flags.length, 'flags with different names')
      .default([])
      .describe(
        'Feature flags that get the percent of each step, and are put back by a rollback; each a router of the operator file, mostly a flagd.',
      ),
    schema: z
      .strictObject({
        file: RepositoryPath.describe('A file of the commit: {"runs": {"min": 41, "max": 42}}.'),
      })
      .optional()
      .describe('Which versions of the database schema the code can run; absent: nobody asks whether the version before can run the live one.'),
    rollback: z
      .strictObject({
        forward_only: Why.optional().describe('Why a release may leave no way back over its schema; absent: it is not promoted.'),
        rehearsed_within: Duration.default('30d').describe('How old a rehearsal may be for its times to be promised.'),
      })
      .prefault({})
      .describe('The way back.'),
    golden_paths: z
      .array(GoldenPath)
      .max(20)
      .default([])
      .describe('What must work again before a rollback is called done; absent: nothing is looked at.'),
    hooks: z
      .strictObject({
        pre: z.array(Hook).max(10).default([]).describe('Must say yes before a step begins.'),
        post: z.array(Hook).max(10).default([]).describe('Must say yes before the rollout goes on from a step that the judge let through.'),
      })
      .prefault({})
      .describe('Checks of your own around the steps; one that says no holds until the deadline of the step, then it is rolled back.'),
  })
  .superRefine((environment, context) => {
    if (!PerStep.safeParse(environment.bake).success || !PerStep.safeParse(environment.deadline).success) return
    for (const name of ['bake', 'deadline'] as const) {
      const value = environment[name]
      if (typeof value === 'string') continue
      for (const step of environment.steps)
        if (value[step] === undefined) context.addIssue({ code: 'custom', path: [name], message: `a duration for each step; ${step} has none` })
      for (const step of Object.keys(value))
        if (!environment.steps.includes(Number(step)))
          context.addIssue({ code: 'custom', path: [name, step], message: `one of the steps ${environment.steps.join(', ')}` })
    }
    if (environment.router !== undefined && environment.flags.includes(environment.router))
      context.addIssue({ code: 'custom', path: ['flags'], message: 'flags beside the router, which moves the traffic itself' })
    for (const when of ['pre', 'post'] as const)
      for (const [at, hook] of environment.hooks[when].entries())
        for (const step of hook.steps ?? [])
          if (!environment.steps.includes(step))
            context.addIssue({ code: 'custom', path: ['hooks', when, at, 'steps'], message: `steps out of ${environment.steps.join(', ')}` })
    for (const step of environment.steps) {
      const [bake, deadline] = [ofStep(environment.bake, step), ofStep(environment.deadline, step)]
      if (bake !== undefined && deadline !== undefined && deadline <= bake)
        context.addIssue({
          code: 'custom',
          path: ['deadline'],
          message: `a deadline after the bake time; step ${step} bakes ${bake / 1000} s and ends at ${deadline / 1000} s`,
        })
    }
  })
export type EnvironmentConfig = z.infer<typeof EnvironmentConfig>

/** The duration of one step in milliseconds; undefined when the config names no such step. */
export function ofStep(value: PerStep, step: number): number | undefined {
  const duration = typeof value === 'string' ? value : value[step]
  return duration === undefined ? undefined : milliseconds(duration)
}
