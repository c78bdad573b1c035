/** What of the config steers an agent: so that a person who reads about an agent finds the keys, and nobody has to search a gate's whole policy. Pure. */
import { z } from 'zod'
import { explainKey } from '../evidence/config/explain.ts'
import type { GateId } from '../evidence/model/phases.ts'
import { GATES } from '../gates/index.ts'
import type { ListedAgent } from './index.ts'

export interface Setting {
  /** Dotted, `gates.hardening.images`. */
  readonly key: string
  readonly meaning: string
  /** Undefined where there is none. */
  readonly default?: unknown
}

/** Keys of the gate's policy by their name, others in full. Those that every agent of the gate heeds are added: `exceptions` and `max_age`. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  'lint-marshal': ['labels'],
  'cicd-engineer': ['app'],
  'policy-gatekeeper': ['policies'],
  infrasec: ['images', 'budgets.max_image_mb', 'conduct.hosts'],
  'template-keeper': ['templates'],
  'supply-chain-lead': [
    'lockfiles',
    'folder',
    'max_age',
    'max_database_age',
    'licences',
    'artifacts',
    'no_artifacts',
    'trusted_root',
    'budgets.vulnerabilities',
  ],
  'artifactory-steward': ['registries', 'folder', 'conduct.hosts'],
  'slo-librarian': ['metrics', 'windows', 'budget_left', 'min_requests', 'slos', 'conduct.hosts'],
  'probe-master': ['probes', 'golden_paths', 'conduct.hosts'],
  dashboardsmith: ['dashboards', 'metrics', 'slos'],
  'log-curator': ['logs'],
  'perf-engineer': [
    'target',
    'commit',
    'requests',
    'script',
    'rate',
    'for',
    'warm_up',
    'in_flight',
    'spike',
    'limits',
    'min_requests',
    'baseline',
    'slower',
    'false_alarm',
    'conduct.hosts',
  ],
  'capacity-oracle': ['users', 'step', 'peak', 'replicas', 'targets.headroom'],
  benchmarker: ['gates.perf.trend', 'gates.perf.replica_hour_usd', 'gates.perf.peak'],
  'cost-finops': ['environments', 'prices', 'costs', 'rates', 'teardown', 'budgets.preview_day_usd', 'budgets.preview_ttl'],
  'preview-concierge': ['environments', 'hosts', 'sleep'],
}
const SHARED = ['exceptions', 'max_age']

/** Each key once, the agent's own first. */
export function settingsOf({ gate: gates, name }: Pick<ListedAgent, 'gate' | 'name'>): readonly Setting[] {
  const [gate] = gates
  const known = gate === undefined ? {} : policyOf(gate)
  const named = [...(KEYS[name] ?? []), ...SHARED.filter((key) => Object.hasOwn(known, key))]
  const keys = named.map((key) => (gate !== undefined && Object.hasOwn(known, key) ? `gates.${gate}.${key}` : key))
  return [...new Set(keys)].map(settingOf)
}

function settingOf(key: string): Setting {
  const [top, gate, name, ...deeper] = key.split('.')
  const found = top === 'gates' && gate !== undefined && name !== undefined && deeper.length === 0 ? policyOf(gate as GateId)[name] : explainKey(key)
  const { description = '', default: preset } = found ?? {}
  return { key, meaning: description, ...(preset === undefined ? {} : { default: preset }) }
}

interface Described {
  readonly description?: string
  readonly default?: unknown
}

/** Keys of a gate's policy, as its schema tells them. */
function policyOf(id: GateId): Readonly<Record<string, Described>> {
  const gate = GATES.find((one) => one.id === id)
  if (gate === undefined) return {}
  return (z.toJSONSchema(gate.policy, { io: 'input' }).properties ?? {}) as Readonly<Record<string, Described>>
}
