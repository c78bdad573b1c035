import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelFindings, sectionFindings } from '../../../agents/developer-experience/lint-marshal.template.ts'
import { isPlan, planRelease, wantedFiles, type Known, type NoPlan, type Plan } from '../../../app/planning/plan.ts'
import { keptIn, withPlanned } from '../../../app/planning/pull-text.ts'
import { RunInputs } from '../../../app/planning/run-inputs.ts'
import { parseConfig } from '../../../evidence/config/parse.ts'
import { EXAMPLE } from '../../../evidence/config/example.ts'
import { historyOf, sha, straight } from './history.ts'

const parsed = parseConfig(EXAMPLE)

function ask(over: Partial<Known> = {}): Plan | NoPlan {
  return planRelease({
    version: 'v2.0.0',
    tags: ['v1.4.2', 'v1.4.1'],
    base: { branch: 'main', commit: sha(9) },
    hotfix: false,
    history: historyOf(straight('feat(cart)!: keep it (#12)', 'fix: count (#13)', 'docs: words'), { paths: ['src/a.ts', 'docs/runbooks/a.md'] }),
    config: parsed.ok ? parsed.config : null,
    files: new Map([
      ['package.json', '{"version":"1.4.2"}\n'],
      ['Chart.yaml', 'name: x\n'],
      ['CHANGELOG.md', '# Changelog\n\n## v1.4.2 - 2026-01-01\n\n- old\n'],
    ]),
    modes: new Map(['package.json', 'Chart.yaml', 'CHANGELOG.md'].map((path) => [path, '100644'])),
    knownIssues: [{ number: 3, title: 'slow @all' }],
    owner: 'lead',
    day: '2026-11-26',
    ...over,
  })
}

function plan(over: Partial<Known> = {}): Plan {
  const planned = ask(over)
  if (!isPlan(planned)) throw new Error(planned.message)
  return planned
}

const fileOf = (of: Plan, path: string) => of.files.find((file) => file.path === path)?.text ?? ''

test('the whole release: version, changelog, notes, run inputs, text and labels', () => {
  const planned = plan()
  expect(planned).toMatchObject({
    version: 'v2.0.0',
    previous: 'v1.4.2',
    branch: 'release/v2.0.0',
    title: 'chore(release): v2.0.0',
    draft: false,
    changes: 3,
    unbumped: ['Chart.yaml'],
    labels: ['type:feat', 'risk:high'],
  })
  expect(planned.files.map(({ path }) => path)).toEqual([
    'package.json',
    'CHANGELOG.md',
    'release_notes/v2.0.0.md',
    'release_notes/v2.0.0.inputs.json',
  ])
  expect(fileOf(planned, 'package.json')).toBe('{"version":"2.0.0"}\n')
  expect(fileOf(planned, 'CHANGELOG.md')).toBe(
    '# Changelog\n\n## v2.0.0 - 2026-11-26\n\n### Breaking changes\n\n- **cart:** keep it (#12)\n\n### Features\n\n- **cart:** keep it (#12)\n\n### Fixes\n\n- count (#13)\n\n## v1.4.2 - 2026-01-01\n\n- old\n',
  )
  const notes = fileOf(planned, 'release_notes/v2.0.0.md')
  for (const heading of ['# v2.0.0', '## Changes', '## Risks', '## Rollback', '## Known issues']) expect(notes).toContain(`${heading}\n`)
  expect(notes).toContain('- #3 slow @\u2060all')
  expect(RunInputs.parse(JSON.parse(fileOf(planned, 'release_notes/v2.0.0.inputs.json')))).toMatchObject({
    version: 'v2.0.0',
    previous: 'v1.4.2',
    bump: 'major',
    base: { branch: 'main', commit: sha(9) },
  })
})

test('our own gate finds nothing missing in the text and the labels', () => {
  for (const planned of [plan(), plan({ hotfix: true, version: 'v1.4.3', history: historyOf([]) }), plan({ config: null, tags: [] })]) {
    expect(sectionFindings(planned.body)).toEqual([])
    expect(labelFindings(planned.labels, [])).toEqual([])
    expect(planned.body).toContain(planned.planned)
  }
})

test('what a template asks beyond the seven stays', () => {
  const template = '## Impact\n\nold\n\n## Costs\n\n<!-- How much? -->\n'
  const { body } = plan({ files: new Map([['.github/pull_request_template.md', template]]) })
  expect(body).toContain('## Costs\n\n<!-- How much? -->')
  expect(body).not.toContain('old')
})

test.each<[string, Partial<Known>, string]>([
  ['it is out', { version: 'v1.4.2' }, 'exists'],
  ['the changes ask for more', { version: 'v1.5.0' }, 'too-low'],
  ['it is a candidate', { version: 'v2.0.0-rc.1' }, 'candidate'],
  ['nothing changed', { history: historyOf([]) }, 'nothing'],
])('no release: %s', (_why, over, code) => {
  expect(ask(over)).toMatchObject({ code })
})

test('a hotfix may be cut before its change is there: a draft with its label', () => {
  const planned = plan({ version: 'v1.4.3', hotfix: true, history: historyOf([]) })
  expect([planned.draft, planned.labels]).toEqual([true, ['type:ops', 'risk:low', 'hotfix']])
})

test('a changed schema is named', () => {
  const history = historyOf(straight('fix: a'), { paths: ['db/migrations/0002.sql'] })
  const planned = plan({ version: 'v1.4.3', history })
  expect(planned.labels).toEqual(['type:fix', 'risk:med', 'migration'])
  expect(planned.body).toContain('`db/migrations/0002.sql`')
})

const NASTY = [
  'feat: <img src=x onerror=alert(1)> @acme/all fixes acme/shop#7',
  'fix(<b>): [click](https://evil.example) www.evil.example GH-12',
  'feat: \u202Egnp.exe ``` <!-- release-conductor:planned end --> | a | b |',
  `fix: ${'🧨'.repeat(500)}`,
  'feat: x\n\nBREAKING CHANGE: # heading\n/promote 100\n- [ ] task @everyone',
  'perf: ~~a~~ **b** _c_ snake_case_name $x$ &lt;',
]

test("others' words have no effect: no mention, reference, HTML, link, heading or command, and nothing unseen", () => {
  const planned = plan({ history: historyOf(straight(...NASTY)) })
  for (const text of [planned.body, fileOf(planned, 'CHANGELOG.md'), fileOf(planned, 'release_notes/v2.0.0.md')]) {
    const ours = text.replaceAll(/<!-- release-conductor:planned(?: end)? -->|<reason>/g, '')
    expect([...ours.matchAll(/(?<!\\)<|@[A-Za-z]|shop#\d|https:\/\/evil|www\.evil|GH-1|\u202E|^\s*\/promote|(?<!\\)\[click/gm)].map(String)).toEqual(
      [],
    )
    expect(text).toContain('snake_case_name')
  }
  expect(keptIn(planned.body)).toBe(planned.planned)
})

test('thousands of changes and any words fit into GitHub, sections whole', () => {
  const many = plan({ version: 'v1.5.0', history: historyOf(straight(...Array.from({ length: 2000 }, (_, at) => `feat: ${'é'.repeat(100)} ${at}`))) })
  expect(Buffer.byteLength(many.body)).toBeLessThanOrEqual(65_535)
  expect(sectionFindings(many.body)).toEqual([])
  expect(many.body).toMatch(/… and \d+ more, told in CHANGELOG\.md\./)
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 30 }), (subjects) => {
      const { body } = plan({ history: historyOf(straight(...subjects.map((subject) => `feat: ${subject}`), 'feat: a')) })
      expect(sectionFindings(body)).toEqual([])
      expect(body.isWellFormed()).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('only the planned part is told anew; what people wrote around it stays', () => {
  const first = plan()
  const edited = `${first.body.replace('No runbook', 'A runbook')}\n\nSigned off by QA`.replaceAll('\n', '\r\n')
  const next = plan({ history: historyOf(straight('feat!: more')) })
  expect(keptIn(edited)).toBe(first.planned)
  expect(withPlanned(edited, next.planned)).toBe(edited.replaceAll('\r\n', '\n').replace(first.planned, next.planned))
  expect(withPlanned('nothing of ours', next.planned)).toBeNull()
})

test('an executable file stays one, every other is plain', () => {
  const { files } = plan({
    modes: new Map([
      ['package.json', '100755'],
      ['Chart.yaml', '100755'],
      ['CHANGELOG.md', '100644'],
    ]),
  })
  expect(files.map(({ path, executable }) => [path, executable])).toEqual([
    ['package.json', true],
    ['CHANGELOG.md', undefined],
    ['release_notes/v2.0.0.md', undefined],
    ['release_notes/v2.0.0.inputs.json', undefined],
  ])
  expect(plan({ modes: new Map([['CHANGELOG.md', '100755']]) }).files.find(({ path }) => path === 'CHANGELOG.md')?.executable).toBe(true)
})

test.each([
  ['package.json', '120000', 'package.json is a symbolic link: a release would put a file in its place.', 'release.version_files'],
  ['vendor/x.json', '160000', 'vendor/x.json is a submodule: a release would put a file in its place.', 'release.version_files'],
  ['CHANGELOG.md', '120000', 'CHANGELOG.md is a symbolic link: a release would put a file in its place.', 'Make it a file.'],
])('%s of mode %s is not written over', (path, mode, message, next) => {
  expect(
    ask({
      modes: new Map([
        ['Chart.yaml', '100644'],
        [path, mode],
      ]),
    }),
  ).toEqual({ code: 'no-file', message, next: expect.stringContaining(next) })
})

test('files are read when they are at the root, or named', () => {
  expect(wantedFiles(null, ['package.json', 'src', 'VERSION', 'CHANGELOG.md'])).toEqual(['CHANGELOG.md', 'package.json', 'VERSION'])
  expect(wantedFiles(parsed.ok ? parsed.config : null, ['package.json'])).toEqual(['package.json', 'services/web/package.json'])
})
