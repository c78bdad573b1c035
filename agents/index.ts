/** The list of agents that are built. To add one: its file, its faults, its test, and one line here. */
import type { PlannedAction } from '../evidence/model/action-plan.ts'
import type { Agent, PlantedInput, Report } from './agent.ts'
import type { Inputs, InputKind } from './collect/inputs.ts'
import { adrArbiter } from './add-ons/adr-arbiter.ts'
import { benchmarker } from './add-ons/benchmarker.ts'
import { lintMarshal } from './developer-experience/lint-marshal.ts'
import { previewConcierge } from './developer-experience/preview-concierge.ts'
import { templateKeeper } from './developer-experience/template-keeper.ts'
import { dashboardsmith } from './observability/dashboardsmith.ts'
import { logCurator } from './observability/log-curator.ts'
import { probeMaster } from './observability/probe-master.ts'
import { sloLibrarian } from './observability/slo-librarian.ts'
import { capacityOracle } from './performance/capacity-oracle.ts'
import { perfEngineer } from './performance/perf-engineer.ts'
import { artifactorySteward } from './platform/artifactory-steward.ts'
import { cicdEngineer } from './platform/cicd-engineer.ts'
import { costFinops } from './platform/cost-finops.ts'
import { infrasec } from './platform/infrasec.ts'
import { platformDevops } from './platform/platform-devops.ts'
import { policyGatekeeper } from './platform/policy-gatekeeper.ts'
import { supplyChainLead } from './security/supply-chain-lead.ts'

/** An agent as those see it who treat all agents alike: the runner, the self-test, the table. They give it exactly the inputs it needs. */
export interface ListedAgent extends Omit<Agent, 'assess' | 'plan' | 'planted'> {
  assess(inputs: Inputs, policy: unknown): Report
  plan?(inputs: Inputs, policy: unknown): readonly Omit<PlannedAction, 'sha256'>[]
  readonly planted: readonly (Omit<PlantedInput<never>, 'inputs'> & { readonly inputs: Partial<Inputs> })[]
}

export const AGENTS: readonly ListedAgent[] = [
  lintMarshal,
  cicdEngineer,
  policyGatekeeper,
  platformDevops,
  infrasec,
  templateKeeper,
  supplyChainLead,
  artifactorySteward,
  adrArbiter,
  sloLibrarian,
  probeMaster,
  dashboardsmith,
  logCurator,
  perfEngineer,
  capacityOracle,
  costFinops,
  previewConcierge,
  benchmarker,
]

/** Undefined when no agent of that name or id is built. */
export function agentByName(nameOrId: string): ListedAgent | undefined {
  return AGENTS.find((agent) => agent.name === nameOrId || agent.id === nameOrId)
}

/** Only what the agent declared, and nothing else. */
export function sees(agent: ListedAgent, inputs: Partial<Inputs>): Inputs {
  return Object.fromEntries(agent.needs.map((kind: InputKind) => [kind, inputs[kind]])) as unknown as Inputs
}
