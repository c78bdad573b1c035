import { expect, test } from 'vitest'
import { BUILT, idleKeys, isBuilt, notBuilt } from '../../../evidence/config/built.ts'
import { nodeAt } from '../../../evidence/config/tree.ts'
import { SOURCES, text } from '../../structure/tree.ts'

test('each listed key exists', () => {
  expect(BUILT.filter((path) => nodeAt(path.split('.')) === undefined)).toEqual([])
})

/** Of one value each, and the product is that value. */
const SINGLE: readonly string[] = ['version', 'observe.comment', 'release.hotfix.debt']

/** How the product reads each listed key. */
const READ: Readonly<Record<string, RegExp>> = {
  'release.base': /config\.release\.base/,
  'release.version_files': /config\?\.release\.version_files/,
  'release.candidates': /config\.release\.candidates/,
  'release.accept_equal_tree': /config\.release\.accept_equal_tree/,
  'release.notes': /config\?\.release\.notes\.sections/,
  'release.hotfix.label': /config\?\.release\.hotfix\.label/,
  'release.hotfix.gates': /label, gates \} = config\.config\.release\.hotfix/,
  'release.window': /config\.release\.window/,
  'people.on_call': /people\.on_call/,
  'people.approvers.promote': /people\.approvers\.promote/,
  'people.approvers.waive': /people\.approvers\.waive/,
  'people.approvers.break_glass': /approvers\.break_glass/,
  'people.cab': /people\.cab/,
  'people.waiver_budget': /people\.waiver_budget/,
  'people.step_up': /people\.step_up/,
  'trust.keys': /config\.trust\.keys/,
  'trust.workflows': /config\.trust\.workflows/,
  'budgets.max_image_mb': /config\.budgets\.max_image_mb/,
  conduct: /config\.conduct\.workflow/,
  golden_paths: /golden_paths: path \} = config/,
  slos: /sloPatterns\(config\)/,
  'environments.*.deploy': /environment\.deploy\.workflow/,
  'environments.*.router': /environment\.router/,
  'environments.*.metrics': /environment\.metrics/,
  'environments.*.steps': /environment\.steps/,
  'environments.*.bake': /environment\.bake/,
  'environments.*.deadline': /environment\.deadline/,
  'environments.*.guard': /environment\.guard\.errors/,
  'environments.*.hooks': /environment\.hooks/,
  'environments.*.golden_paths': /environment\.golden_paths/,
  'environments.*.flags': /environment\.flags/,
  'environments.*.schema': /\.schema\?\.file/,
  'environments.*.rollback': /\.rollback\.forward_only/,
  'environments.*.judge.false_alarm': /environment\.judge\.false_alarm/,
  'environments.*.judge.miss': /environment\.judge\.miss/,
  'environments.*.judge.minimum_effect': /environment\.judge\.minimum_effect/,
  'environments.*.judge.certify': /environment\.judge\.certify/,
  'environments.*.judge.warm_up': /environment\.judge\.warm_up/,
  'environments.*.absence': /environment\.absence/,
  'budgets.vulnerabilities': /budgets\.vulnerabilities/,
  'budgets.preview_day_usd': /preview_day_usd/,
  'budgets.preview_ttl': /preview_ttl/,
  'targets.headroom': /targets\.headroom/,
  gates: /config\.gates\b/,
  'evidence.log': /config\.evidence\b/,
  'evidence.retention': /retentionOf\(config\?\.evidence/,
  'evidence.classes': /retentionOf\(config\?\.evidence/,
  'evidence.store': /config\?\.evidence\.store/,
  'evidence.sign': /config\.evidence\.sign/,
  'observe.messages': /observe\.messages/,
  not_applicable: /config\.not_applicable/,
  agents: /config\.agents/,
}

test('the product reads each listed key', () => {
  expect(Object.keys(READ).toSorted()).toEqual(BUILT.filter((path) => !SINGLE.includes(path)).toSorted())
  const product = SOURCES.filter((path) => /^(?:app|actions|gates|agents\/collect|evidence\/verify)\/(?!cli\/)/.test(path))
    .map(text)
    .join('\n')
  const unread = Object.entries(READ).filter(([, pattern]) => !pattern.test(product))
  expect(unread.map(([path]) => path)).toEqual([])
})

test('what is not listed does nothing yet, and says so', () => {
  expect(notBuilt()).toEqual(expect.arrayContaining(['flags', 'targets.rto', 'models', 'release.branch']))
  expect(notBuilt()).not.toContain('environments.*.steps')
  expect(isBuilt(['environments', 'prod', 'steps'])).toBe(true)
  expect(isBuilt(['environments', 'prod', 'judge'])).toBe(true)
  expect(isBuilt(['a-key-of-tomorrow'])).toBe(false)
})

test('keys of a document that nothing acts on are named', () => {
  const prod = { steps: [100], judge: { miss: 0.1 }, tomorrow: 1 }
  expect(idleKeys({ version: 1, vendors: 'a', environments: { prod } })).toEqual(['vendors', 'environments.prod.tomorrow'])
  expect(idleKeys(null)).toEqual([])
})
