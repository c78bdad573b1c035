/** Other people's linters over our workflows and Actions: no finding, and one for each spoiled copy. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { filesUnder } from '../structure/tree.ts'
import { ended, tool } from '../support/tools.ts'

const ROOT = join(import.meta.dirname, '../..')
const ACTIONLINT = tool('actionlint')
const ZIZMOR = tool('python/bin/zizmor')
const FILES = [...filesUnder('.github/workflows'), ...filesUnder('actions').filter((path) => path.endsWith('/action.yml'))]

/** Newer than this actionlint: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#job-context and `concurrency.queue`. */
const NEWER = ['unexpected key "queue" for "concurrency" section', 'property "workflow_(repository|sha)" is not defined']

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'linters-'))
  for (const path of FILES) {
    await mkdir(join(folder, dirname(path)), { recursive: true })
    await cp(join(ROOT, path), join(folder, path))
  }
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function spoil(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(folder, path), 'utf8')
  expect(text).toContain(from)
  await writeFile(join(folder, path), text.replace(from, to))
}

const linted = async (): Promise<string> => {
  const workflows = FILES.filter((path) => path.startsWith('.github/workflows/'))
  return (
    await ended(
      ACTIONLINT ?? '',
      ['-no-color', '-oneline', '-shellcheck=', '-pyflakes=', ...NEWER.flatMap((text) => ['-ignore', text]), ...workflows],
      { cwd: folder },
    )
  ).out
}

const audited = async (): Promise<string[]> => {
  const { out } = await ended(ZIZMOR ?? '', ['--offline', '--no-progress', '--no-config', '--no-exit-codes', '--format=json-v1', '.'], {
    cwd: folder,
  })
  return (JSON.parse(out) as { ident: string }[]).map(({ ident }) => ident)
}

describe.skipIf(ACTIONLINT === null)('actionlint (skipped where it is not installed)', () => {
  test('has nothing to say', async () => {
    expect(await linted()).toBe('')
  })

  test.each([
    ['a job that does not exist', '.github/workflows/conduct.yml', 'needs: p0-agents', 'needs: p9-agents', 'p9-agents'],
    ['an output that does not exist', '.github/workflows/release-train.yml', 'jobs.decide.outputs.verdict }}', 'jobs.decide.outputs.word }}', 'word'],
    ['an input that does not exist', '.github/workflows/promote.yml', 'inputs.plan }}', 'inputs.plans }}', 'plans'],
  ])('sees %s', async (_what, path, from, to, named) => {
    await spoil(path, from, to)
    expect(await linted()).toContain(named)
  })
})

describe.skipIf(ZIZMOR === null)('zizmor (skipped where it is not installed)', () => {
  test('has nothing to say, but that a path of the checkout could be written in a newer way', async () => {
    expect([...new Set(await audited())]).toEqual(['self-repository'])
  })

  test.each([
    ['an action by its tag', '.github/workflows/ci.yml', /@[0-9a-f]{40} # v7\.0\.1/, '@v7', 'unpinned-uses'],
    ['all permissions', '.github/workflows/ci.yml', /permissions:\n {6}contents: read/, 'permissions: write-all', 'excessive-permissions'],
    ['text of others in a script', '.github/workflows/ci.yml', /run: \.ci\/run/, 'run: echo ${{ github.head_ref }}', 'template-injection'],
    ['the code of a stranger with our secrets', '.github/workflows/ci.yml', / {2}pull_request:/, '  pull_request_target:', 'dangerous-triggers'],
    ['credentials that stay', '.github/workflows/ci.yml', /\n {10}persist-credentials: false/, '', 'artipacked'],
  ])('sees %s', async (_what, path, from, to, ident) => {
    const text = await readFile(join(folder, path), 'utf8')
    await spoil(path, from.exec(text)?.[0] ?? 'nothing', to)
    expect(await audited()).toContain(ident)
  })
})
