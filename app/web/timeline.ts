/** An entry of the ledger in words. Pure. */
import { HOTFIX } from '../../evidence/model/predicate/waiver.ts'
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'

/** What each type says; of a name in braces the entry's own word is taken. */
const SAYS: Readonly<Record<string, string>> = {
  opened: 'The release was opened',
  state: '{from} became {to}: {why}',
  head: 'The head commit is now {to}',
  policy: 'The config was read at {commit}',
  verdict: 'Gate {gate}: {verdict}',
  decision: '{approved_by} promoted {environment} up to {up_to} %',
  step: 'Step to {step} % of {environment}',
  deployed: 'Step {step} % of {environment} is deployed',
  shifted: '{percent} % of {environment} moved to the new version',
  forecast: 'Forecast for {step} %: {sentence}{why}',
  advance: 'Judge at {step} %: {reason}',
  closed: 'Step {step} % of {environment} waits: {why}',
  rollback: 'Rolling back {environment} at {step} %: {reason}',
  withdrawn: 'All traffic of {environment} is back',
  golden: 'Golden paths of {environment} are green',
  hook: 'Hook at {step} % of {environment} said yes',
  incident: 'Incident: {code}',
  waiver: 'Gate {gate} was waived until {expires_at}: {reason}',
  'waiver of a hotfix': 'The hotfix was waived until {expires_at}: {reason}',
  hotfix: 'The waiver of the hotfix {says}',
  'hotfix.settled': 'What the hotfix owed is closed: {why}',
  'glass.settled': 'The record of the broken glass is closed: {why}',
  'deployment.refused': 'Run {run} wanted to deploy to {environment}; no release started it, and it was rejected',
  'evidence.believed': 'Evidence was believed: {source}',
  'evidence.rejected': 'Evidence was rejected: {source}',
  'effect.intended': 'Wanted: {kind}',
  'effect.done': 'Done: {kind}',
  'effect.failed': 'Failed: {kind}, {error}',
  'effect.recovered': 'Found done after a crash: {kind}',
}

/** Entries about the App's own doings, of which there are many. */
export function isDoing(type: string): boolean {
  return type.startsWith('effect.')
}

/** @returns one line; for a type it has no words for, the type itself */
export function said({ type, data }: Pick<LedgerEntry, 'type' | 'data'>): string {
  const words = SAYS[type === 'waiver' && data['gate'] === HOTFIX ? 'waiver of a hotfix' : type]
  return words === undefined ? type : words.replace(/\{(\w+)\}/g, (_, name: string) => wordOf(data[name]))
}

function wordOf(value: unknown): string {
  if (typeof value === 'string') return /^[0-9a-f]{40}$/.test(value) ? value.slice(0, 12) : value
  return typeof value === 'number' ? String(value) : ''
}
