/** `gates.preview_budget`: which deployments are previews, what they cost, and whose addresses may be asked whether they still answer. */
import { z } from 'zod'
import { exceptionsFor } from './exceptions.ts'
import { Address, between } from './address.ts'
import { RepositoryPath } from './names.ts'

const EnvironmentPattern = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9*?][A-Za-z0-9._/*?-]*$/, 'an environment or pattern such as preview-*')

const WorkflowFile = z
  .string()
  .max(200)
  .regex(/^[\w.-]+\.ya?ml$/, 'a workflow file such as preview-down.yml')

const Currency = z.string().regex(/^[A-Z]{3}$/, 'a currency such as USD')

const Price = z.strictObject({
  environment: EnvironmentPattern.describe('Which previews it is for; the first that matches counts.'),
  hour: z.number().min(0).max(10_000).describe('What one costs in an hour.'),
  asleep: z.number().min(0).max(10_000).optional().describe('What one costs in an hour while it sleeps; as much as awake when it is left out.'),
  currency: Currency.default('USD').describe('Of the price.'),
})

const OpenCost = z.strictObject({
  kind: z.literal('opencost'),
  url: Address.describe('Where `/allocation` answers, such as http://opencost:9003. Its host must stand under `conduct.hosts`.'),
})
const Infracost = z.strictObject({
  kind: z.literal('infracost'),
  path: RepositoryPath.describe('JSON of `infracost breakdown`, on the base branch; its projects are named like the environments.'),
})

export const PreviewPolicy = z.strictObject({
  environments: z
    .array(EnvironmentPattern)
    .min(1)
    .max(50)
    .default(['preview-*', 'preview/*', 'pr-*'])
    .describe('Environments of deployments that are previews.'),
  prices: z.array(Price).max(200).default([]).describe('What a preview costs, where no bill says it.'),
  costs: z
    .discriminatedUnion('kind', [OpenCost, Infracost], { error: 'kind: opencost or kind: infracost' })
    .optional()
    .describe('A bill, asked before the prices.'),
  rates: z
    .record(Currency, z.number().gt(0).max(100_000))
    .default({})
    .describe('US dollars for one unit of another currency, such as { EUR: 1.08 }.'),
  hosts: z
    .array(
      z
        .string()
        .max(260)
        .regex(
          /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[1-9]\d{0,4})?$/,
          'a host such as shop.preview.acme.example, or *.preview.acme.example',
        ),
    )
    .max(50)
    .default([])
    .describe('Hosts of previews that jobs may ask whether they answer; `*.` stands for what is in front of a name.'),
  teardown: WorkflowFile.optional().describe(
    'Workflow on the default branch that takes a preview down; it gets the inputs `deployment` and `environment`.',
  ),
  sleep: WorkflowFile.optional().describe(
    'Workflow on the default branch that puts a preview to sleep and wakes it, for `/preview`; it gets the inputs `action` (sleep or wake), `environment`, `deployment`, `sha` and `key`.',
  ),
  exceptions: exceptionsFor(['cost.over-budget', 'cost.past-ttl', 'preview.dead']),
  max_age: between('1m', '30d').default('3d').describe('Oldest look that still counts when the gate decides.'),
})
export type PreviewPolicy = z.infer<typeof PreviewPolicy>

/** Is it one of the listed hosts, or below one that begins with `*.`? */
export function isPreviewHost(host: string, hosts: PreviewPolicy['hosts']): boolean {
  return hosts.some((one) => (one.startsWith('*.') ? host.endsWith(one.slice(1)) && host.length > one.length - 1 : host === one))
}
