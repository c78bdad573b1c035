/**
 * `.github/release-conductor.yml`, read from the base branch, never from the pull request's head (SPEC part 9).
 * Only `version` and `release.base` are required; every other key has a default. Unknown keys are errors. What is secret or points outside is named in
 * the operator's file and only referred to from here. `evidence/config/parse.ts` turns text into a Config or into every error at once;
 * `evidence/config/built.ts` knows which of these keys already have a system behind them.
 */
import { z } from 'zod'
import { AlertsConfig, DataConfig, FlagsConfig, IdentityConfig, Name } from './config/catalogues.ts'
import { EnvironmentConfig } from './config/environments.ts'
import { BudgetsConfig, TargetsConfig } from './config/limits.ts'
import { Audience, RepositoryGlob, RepositoryPath, Why } from './config/names.ts'
import { PeopleConfig } from './config/people.ts'
import { ReleaseConfig } from './config/release.ts'
import { ConductConfig, EvidenceConfig, ModelsConfig, ObserveConfig, OwnAgent } from './config/services.ts'
import { TrustConfig } from './config/trust.ts'
import { Environment, GateId } from './phases.ts'

export const CONFIG_PATH = '.github/release-conductor.yml'
/** Largest config that is read, in bytes. */
export const CONFIG_MAX_BYTES = 64 * 1024

const NotApplicable = z.strictObject({
  reason: Why.describe('Why this repository has no such thing.'),
  by: Audience.describe('Who says so.'),
})

const GateOrTopic = z
  .string()
  .regex(new RegExp(`^(${GateId.options.join('|')})(\\.[a-z][a-z0-9-]{0,40})?$`), 'a gate such as dr, or a topic of one such as hardening.manifests')

export const Config = z
  .strictObject({
    version: z.literal(1).describe('Version of this format.'),
    release: ReleaseConfig.describe('Which pull requests are releases, and when they may ship.'),
    people: PeopleConfig.prefault({}).describe('Who is told and who may decide.'),
    trust: TrustConfig.prefault({}).describe('Whose signatures count.'),
    conduct: ConductConfig.prefault({}).describe('How the App starts your evidence runs.'),
    environments: z.record(Environment, EnvironmentConfig).default({}).describe('Where a release goes, in this order.'),
    slos: z.array(RepositoryGlob).max(50).default([]).describe('OpenSLO files.'),
    golden_paths: RepositoryPath.optional().describe('The journeys that must always work.'),
    flags: FlagsConfig.prefault({}).describe('Feature flags.'),
    pilot_tenants: z.array(Name).max(500).default([]).describe('Tenants that go first.'),
    risks: RepositoryPath.optional().describe('The risk register.'),
    alerts: AlertsConfig.prefault({}).describe('Alerts.'),
    vendors: RepositoryPath.optional().describe('The vendor register.'),
    budgets: BudgetsConfig.prefault({}).describe('What may be spent.'),
    targets: TargetsConfig.prefault({}).describe('How good recovery must be.'),
    identity: IdentityConfig.prefault({}).describe('Sign-in and provisioning.'),
    data: DataConfig.prefault({}).describe('Databases and migrations.'),
    gates: z
      .partialRecord(GateId, z.record(z.string().max(100), z.unknown()))
      .default({})
      .describe("Policy of each gate; the keys are the gate's own schema: `release-conductor gates explain <gate>`."),
    not_applicable: z
      .record(GateOrTopic, NotApplicable)
      .default({})
      .describe('What this repository does not have: a gate (`dr`), or one topic of a gate (`hardening.manifests`).'),
    agents: z
      .array(OwnAgent)
      .max(50)
      .refine((agents) => new Set(agents.map((agent) => agent.name)).size === agents.length, 'agents with different names')
      .default([])
      .describe('Agents of your own.'),
    observe: ObserveConfig.prefault({}).describe('Telemetry and the status comment.'),
    models: ModelsConfig.prefault({}).describe('Language models, for drafts only.'),
    evidence: EvidenceConfig.prefault({}).describe('How evidence is signed and kept.'),
  })
  .refine((config) => config.evidence.sign === 'keyless' || config.trust.keys.length > 0, {
    path: ['evidence', 'sign'],
    error: 'keyless, or a key under trust.keys: with neither nothing could ever be believed',
  })
export type Config = z.infer<typeof Config>
