import { expect, test } from 'vitest'
import { closure, importsOf, SOURCES, TESTS } from './tree.ts'
import type { Import } from './tree.ts'

/** Who may import whom (ARCHITECTURE). */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  evidence: ['evidence'],
  gates: ['evidence', 'gates'],
  agents: ['evidence', 'gates', 'agents'],
  app: ['evidence', 'gates', 'agents', 'app'],
  actions: ['evidence', 'gates', 'agents', 'actions'],
}
/** Builtins that reach the disk, the network or another process. */
const WORLD = new Set(
  ['fs', 'fs/promises', 'child_process', 'http', 'https', 'net', 'dgram', 'tls', 'os', 'worker_threads', 'timers', 'timers/promises'].map(
    (name) => `node:${name}`,
  ),
)
const ALL = SOURCES.flatMap(importsOf)
const shown = (imports: readonly Import[]) => imports.map((each) => `${each.from} -> ${each.to}`)
const floor = (path: string) => path.split('/')[0] ?? ''

test('imports point down, and nothing but test imports test', () => {
  expect(shown(ALL.filter((each) => each.relative && !BELOW[floor(each.from)]?.includes(floor(each.to))))).toEqual([])
})

test('every relative import names a file that is there, with its ending', () => {
  const present = new Set([...SOURCES, ...TESTS])
  const wrong = [...ALL, ...TESTS.flatMap(importsOf)].filter(
    (each) => each.relative && each.to.endsWith('.ts') && !present.has(each.to) && !each.to.startsWith('test/shop/'),
  )
  expect(shown(wrong)).toEqual([])
  expect(shown(ALL.filter((each) => each.relative && !/\.(?:ts|json)$/.test(each.to)))).toEqual([])
})

test('an agent takes from gates only the policy and the statistics; the runner knows the list of gates', () => {
  const wrong = ALL.filter(
    (each) => /^agents\/[^/]+\//.test(each.from) && each.to.startsWith('gates/') && !/^gates\/(?:policy|judge)\//.test(each.to),
  )
  expect(shown(wrong)).toEqual([])
})

test('only agents/collect touches the world among the agents', () => {
  const wrong = ALL.filter(
    (each) =>
      /^agents\/(?!collect\/)[^/]+\//.test(each.from) &&
      (each.to.startsWith('node:') || (each.to.startsWith('agents/collect/') && !each.typeOnly && each.to !== 'agents/collect/inputs.ts')),
  )
  expect(shown(wrong)).toEqual([])
})

test('app/release, with all it uses, imports no Octokit, Probot, disk or process', () => {
  const reached = closure(SOURCES.filter((path) => path.startsWith('app/release/'))).flatMap(importsOf)
  const wrong = reached.filter((each) => !each.relative && !each.typeOnly && (/^(?:@octokit|probot|pg|pino)/.test(each.to) || WORLD.has(each.to)))
  expect(shown(wrong)).toEqual([])
})

test('the command line imports no Probot, and the App only when it serves', () => {
  const mine = ALL.filter((each) => each.from.startsWith('app/cli/'))
  expect(shown(mine.filter((each) => /probot|octokit/i.test(each.to)))).toEqual([])
  const above = mine.filter((each) => each.relative && each.to.startsWith('app/') && !each.to.startsWith('app/cli/'))
  expect([...new Set(shown(above))].toSorted()).toEqual([
    'app/cli/commands/doctor.ts -> app/keep/index.ts',
    'app/cli/commands/doctor.ts -> app/open-names.ts',
    'app/cli/commands/doctor.ts -> app/operator.ts',
    'app/cli/commands/init.ts -> app/planning/plan.ts',
    'app/cli/commands/judge.ts -> app/judge/error.ts',
    'app/cli/commands/judge.ts -> app/judge/lines.ts',
    'app/cli/commands/judge.ts -> app/judge/policy.ts',
    'app/cli/commands/judge.ts -> app/judge/slo-files.ts',
    'app/cli/commands/router.ts -> app/rollout/routers/main.ts',
    'app/cli/commands/router.ts -> app/rollout/routers/router.ts',
    'app/cli/commands/serve.ts -> app/index.ts',
    'app/cli/cut.ts -> app/planning/changes.ts',
    'app/cli/cut.ts -> app/planning/history.ts',
    'app/cli/cut.ts -> app/planning/line.ts',
    'app/cli/cut.ts -> app/planning/modes.ts',
    'app/cli/cut.ts -> app/planning/plan.ts',
    'app/cli/cut.ts -> app/planning/version-files.ts',
    'app/cli/cut.ts -> app/planning/version.ts',
    'app/cli/evidence/archive.ts -> app/keep/index.ts',
    'app/cli/evidence/replay.ts -> app/commands/replay.ts',
    'app/cli/evidence/replay.ts -> app/rollout/replay.ts',
    'app/cli/setup/files.ts -> app/web/login-entry.ts',
    'app/cli/setup/manifest.ts -> app/web/login-entry.ts',
    'app/cli/setup/page.ts -> app/web/html.ts',
  ])
})

test('only app/github imports Octokit, and for the Actions their one door to the API', () => {
  const doors = /^app\/github\/|^actions\/lib\/github\.ts$/
  expect(shown(ALL.filter((each) => each.to.startsWith('@octokit/') && !each.typeOnly && !doors.test(each.from)))).toEqual([])
})

test('there are no cycles', () => {
  const edges = new Map(
    SOURCES.map((path) => [
      path,
      importsOf(path)
        .filter((each) => each.relative && !each.typeOnly)
        .map((each) => each.to),
    ]),
  )
  const cycles: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
    if (done.has(path) || trail.includes(path)) return
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) walk(path, [])
  expect(cycles).toEqual([])
})
