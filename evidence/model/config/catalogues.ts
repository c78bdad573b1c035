/** What lies elsewhere in the repository and is only pointed at: objectives, flags, risks, alerts, vendors, data. */
import { z } from 'zod'
import { OperatorName, RepositoryGlob, RepositoryPath } from './names.ts'

export const Name = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a name')

export const FlagsConfig = z.strictObject({
  catalogue: RepositoryPath.optional().describe('The feature-flag catalogue.'),
  ga: z.array(Name).max(200).default([]).describe('Flags that are flipped when the release is generally available.'),
  provider: z.enum(['flagd', 'openfeature']).default('flagd').describe('What serves the flags.'),
})

export const AlertsConfig = z.strictObject({
  catalogue: RepositoryPath.optional().describe('The alert catalogue.'),
  rules: z.array(RepositoryGlob).max(50).default([]).describe('Prometheus rule files.'),
})

export const IdentityConfig = z.strictObject({
  oidc_issuer: OperatorName.optional().describe('The OIDC issuer, by its name in the operator file.'),
  scim: OperatorName.optional().describe('The SCIM service, by its name in the operator file.'),
})

export const DataConfig = z.strictObject({
  migrations: z
    .strictObject({
      layout: z.enum(['sql']).default('sql').describe('How migrations are written.'),
      path: RepositoryPath.default('db/migrations').describe('Where they lie.'),
    })
    .optional()
    .describe('Schema migrations.'),
  tenant_column: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a column name such as tenant_id')
    .optional()
    .describe('The column that separates tenants.'),
  database: OperatorName.optional().describe('A scratch database, by its name in the operator file.'),
})
