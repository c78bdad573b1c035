/** Phases, environments and gates: the closed lists of SPEC part 2. A gate listed here may not be built yet; `gates/index.ts` lists those that are. */
import { z } from 'zod'

export const Phase = z.enum(['P0', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8'])
export type Phase = z.infer<typeof Phase>

export const GateId = z.enum([
  'supply_chain',
  'policy_ci',
  'hardening',
  'slo',
  'perf',
  'preview_budget',
  'migrations',
  'tenant_isolation',
  'identity',
  'authz',
  'audit',
  'product_slos',
  'reindex_parity',
  'ingest_lag',
  'dr',
  'chaos',
  'all_required_gates',
  'alert_hygiene',
  'doc_lint',
])
export type GateId = z.infer<typeof GateId>

export const PhaseName: Record<Phase, string> = {
  P0: 'readiness',
  P1: 'baselines and previews',
  P2: 'data safety',
  P3: 'security and compliance',
  P4: 'product GA tracks',
  P5: 'DR and chaos',
  P6: 'release train',
  P7: 'alerts, runbooks, docs',
  P8: 'GA flip and KPI',
}

/** What must be proven before a phase begins (SPEC part 2). */
export const PhaseNeeds: Record<Phase, readonly Phase[]> = {
  P0: [],
  P1: ['P0'],
  P2: ['P1'],
  P3: ['P0'],
  P4: ['P2', 'P3'],
  P5: ['P4'],
  P6: ['P5'],
  P7: ['P6'],
  P8: ['P7'],
}

/** Where a verdict speaks: an environment of the config, or `all` for what holds everywhere (SPEC part 3, `scope.env`). */
export const Environment = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'an environment name such as prod')
