/**
 * Which keys already have a system behind them. A key that is not listed here is accepted and checked, and does nothing yet: `config explain` says so.
 * A new key is "not built" until somebody lists it, so the list can be late but never boastful.
 */
import { allPaths } from './tree.ts'

/** Dotted paths, `*` for map keys and list items; a path covers what is below it. */
export const BUILT: readonly string[] = [
  'version',
  'release.base',
  'release.window',
  'release.version_files',
  'release.candidates',
  'release.accept_equal_tree',
  'release.notes',
  'release.hotfix.label',
  'release.hotfix.gates',
  'release.hotfix.debt',
  'people.on_call',
  'people.cab',
  'people.approvers.promote',
  'people.approvers.waive',
  'people.approvers.break_glass',
  'people.waiver_budget',
  'people.step_up',
  'trust.keys',
  'trust.workflows',
  'conduct',
  'agents',
  'environments.*.deploy',
  'environments.*.router',
  'environments.*.metrics',
  'environments.*.steps',
  'environments.*.bake',
  'environments.*.deadline',
  'environments.*.guard',
  'environments.*.hooks',
  'environments.*.golden_paths',
  'environments.*.flags',
  'environments.*.schema',
  'environments.*.rollback',
  'environments.*.judge.false_alarm',
  'environments.*.judge.miss',
  'environments.*.judge.certify',
  'environments.*.judge.minimum_effect',
  'environments.*.judge.warm_up',
  'environments.*.absence',
  'slos',
  'golden_paths',
  'budgets.max_image_mb',
  'budgets.preview_day_usd',
  'budgets.preview_ttl',
  'budgets.vulnerabilities',
  'targets.headroom',
  'evidence.log',
  'gates',
  'evidence.retention',
  'evidence.classes',
  'evidence.store',
  'evidence.sign',
  'not_applicable',
  'observe.comment',
  'observe.messages',
]

function covers(listed: string, path: string): boolean {
  return path === listed || path.startsWith(`${listed}.`)
}

/** `environments.prod.steps` -> true; a section that is built in part counts as built. */
export function isBuilt(path: readonly string[]): boolean {
  const key = path.join('.')
  const general = path.map((part, at) => (at === 1 && path[0] === 'environments' ? '*' : part)).join('.')
  return BUILT.some((listed) => covers(listed, key) || covers(listed, general) || listed.startsWith(`${general}.`))
}

/** The topmost keys that do nothing yet. */
export function notBuilt(): readonly string[] {
  const absent = allPaths().filter((path) => !isBuilt(path))
  return absent
    .filter((path) => !absent.some((other) => other.length < path.length && other.every((part, at) => part === path[at])))
    .map((path) => path.join('.'))
}

/** Keys that stand in a document although nothing acts on them yet. */
export function idleKeys(document: unknown): readonly string[] {
  if (typeof document !== 'object' || document === null) return []
  const found: string[] = []
  const walk = (value: unknown, path: readonly string[]): void => {
    if (path.length > 0 && !isBuilt(path)) {
      found.push(path.join('.'))
      return
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [key, child] of Object.entries(value)) walk(child, [...path, key])
  }
  walk(document, [])
  return found
}
