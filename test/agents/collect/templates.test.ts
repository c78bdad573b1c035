import { expect, test } from 'vitest'
import { collect } from '../../../agents/collect/index.ts'
import { templateKeeper } from '../../../agents/developer-experience/template-keeper.ts'
import { contextOf, release } from './workspace.ts'

const say = '# release-conductor:'
const template = (version: number) =>
  `${say} template v${version}\nFROM node@sha256:${'a'.repeat(64)}\n${say} required begin user\nUSER 65532\n${say} required end user\nEXPOSE @@port@@\n${'# more\n'.repeat(version)}`
const file = (version: number) => template(version).replace('@@port@@', '8080')
const CONFIG = '.github/release-conductor.yml'
const config = (templates = '[{ file: Dockerfile, template: templates/v*.txt, values: { port: 8080 } }]') =>
  `version: 1\nrelease: { base: [main] }\ngates: { hardening: { templates: ${templates} } }\n`
const VERSIONS = { 'templates/v2.txt': template(2), 'templates/v10.txt': template(10), 'templates/v1.txt': template(1) }

interface Given {
  readonly files?: Record<string, string | Buffer>
  readonly before?: Record<string, string | Buffer>
  readonly text?: string
  readonly preview?: string
}

/** What is collected, and the rules that the agent finds in it. */
async function looked({ files = {}, before = VERSIONS, text = config(), preview }: Given) {
  using repo = release(files, undefined, { ...before, [CONFIG]: text })
  const answer = await collect('templates', contextOf({ workspace: repo.path, sha: repo.head, ...(preview !== undefined && { config: preview }) }))
  if ('blocked' in answer) return { blocked: answer.blocked.why, rules: [], value: null, base: repo.base, head: repo.head }
  const { findings } = templateKeeper.assess({ templates: answer.value }, {})
  const rules = findings.map(({ rule, severity }) => `${severity} ${rule.replace('template.', '')}`)
  return { blocked: null, rules, value: answer.value, base: repo.base, head: repo.head }
}

test('versions lie in the order of their numbers, at the base; files at the head, and where the release began', async () => {
  const { value, rules, base, head } = await looked({
    before: { ...VERSIONS, Dockerfile: file(2), 'templates/vnext.txt': '', 'templates/v03.txt': '', 'templates/v1/v1.txt': '' },
    files: { Dockerfile: file(10), 'templates/v11.txt': template(11) },
  })
  expect(value).toMatchObject({
    base,
    head,
    files: [{ path: 'Dockerfile', text: file(10), before: file(2), values: { port: '8080' }, executable: false }],
  })
  expect(value?.templates[0]?.versions.map(({ version }) => version)).toEqual([1, 2, 10])
  expect(rules).toEqual([])
})

test('a release does not change the template it is held against; a preview on a desk takes its own', async () => {
  const files = { Dockerfile: file(10).replace('USER 65532', 'USER root'), 'templates/v10.txt': template(10).replace('USER 65532', 'USER root') }
  expect((await looked({ files })).rules).toEqual(['error section-changed', 'info drifted'])
  expect((await looked({ files, preview: config() })).rules).toEqual([])
})

test('a release that goes back to an older version is seen', async () => {
  const before = { ...VERSIONS, Dockerfile: file(10) }
  expect((await looked({ before, files: { Dockerfile: file(2) } })).rules).toEqual(['error downgraded', 'warning behind'])
})

test.each<[string, string | Buffer | null, string]>([
  ['is not there', null, 'error file-unread'],
  ['is a link', '->templates/v10.txt', 'error file-unread'],
  ['is binary', Buffer.from([0, 1, 2]), 'error file-unread'],
  ['is not UTF-8', Buffer.from([0xff, 0xfe, 0x41]), 'error file-unread'],
  ['is huge', 'x'.repeat(300_000), 'error file-unread'],
  ['has too many lines', `${file(10)}${'#\n'.repeat(3000)}`, 'error too-long'],
  ['says nothing', 'FROM scratch\n', 'error no-version'],
])('a file that %s is told', async (_, content, rule) => {
  const { rules, value } = await looked({ files: content === null ? {} : { Dockerfile: content } })
  expect(rules).toContain(rule)
  expect(templateKeeper.assess({ templates: value ?? never() }, {}).measurements[0]?.measured.n).toBe(0)
})

function never(): never {
  throw new Error('nothing was collected')
}

test.each<[string, string | Buffer, string]>([
  ['is a link', '->v1.txt', 'error unread'],
  ['is binary', Buffer.from([0, 1, 2]), 'error unread'],
  ['is huge', 'x'.repeat(300_000), 'error unread'],
])('a template that %s is told', async (_, content, rule) => {
  const { 'templates/v10.txt': _newest, ...older } = VERSIONS
  expect((await looked({ before: { ...older, 'templates/v10.txt': content }, files: { Dockerfile: file(2) } })).rules).toEqual([rule])
})

test('without any version on the base branch nothing is compared', async () => {
  expect((await looked({ before: {}, files: { Dockerfile: file(1), ...VERSIONS } })).rules).toEqual(['error absent'])
})

test.each([
  ['nothing is named', 'version: 1\nrelease: { base: [main] }\n', 'names no file'],
  ['the list is empty', config('[]'), 'names no file'],
  ['the list cannot be used', config('[{ file: a, template: t/v1.txt }]'), 'gates.hardening.templates[0].template'],
])('when %s it is blocked, and says so', async (_, text, why) => {
  expect((await looked({ text })).blocked).toContain(why)
})
