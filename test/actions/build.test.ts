import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { actionNames, apiTypesTable, buildActions, bundleCommand, WORKFLOWS } from '../../actions/build.ts'
import { sha256 } from '../../evidence/core/digest.ts'

interface Api {
  getAttributeTypeMap?(): readonly { readonly baseName: string; readonly type: string }[]
}

async function digests(folder: string): Promise<Record<string, string>> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted()
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path.slice(folder.length + 1), sha256(await readFile(path))])))
}

test('the same sources give the same bytes, in the shape of the repository (T67)', async () => {
  const [one, two] = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), 'build-'))))
  await buildActions(one ?? '')
  await buildActions(two ?? '')
  const built = await digests(one ?? '')
  expect(await digests(two ?? '')).toStrictEqual(built)
  const names = await actionNames()
  const chunk = /^actions\/[a-z]+\/dist\/[a-z-]+-[A-Za-z0-9_-]{8}\.mjs$/
  expect(Object.keys(built).filter((path) => !chunk.test(path))).toStrictEqual(
    [
      ...WORKFLOWS.map((file) => `.github/workflows/${file}`),
      ...names.flatMap((name) => [`actions/${name}/action.yml`, `actions/${name}/dist/index.mjs`]),
    ].toSorted(),
  )
})

test('an entry is small and loads the rest only when its inputs are good; the whole is small too', async () => {
  const out = await mkdtemp(join(tmpdir(), 'build-'))
  await buildActions(out)
  for (const name of await actionNames()) {
    const dist = join(out, 'actions', name, 'dist')
    const sizes = await Promise.all((await readdir(dist)).map(async (file) => (await stat(join(dist, file))).size))
    expect((await stat(join(dist, 'index.mjs'))).size).toBeLessThan(50_000)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(2_000_000)
    const started = spawnSync(process.execPath, [join(dist, 'index.mjs')], { cwd: out, encoding: 'utf8', env: {} })
    expect(started.stdout).toMatch(/^::error::bad-input: The input [a-z]+ is empty/)
    expect(started.status).toBe(1)
  }
})

test('the table of API types says what the classes of the client say', async () => {
  const client = (await import('@kubernetes/client-node/dist/gen/models/all.js')) as unknown as Record<string, Api>
  const table: Record<string, Api> = await import(`data:text/javascript,${encodeURIComponent(await apiTypesTable())}`)
  const fields = (of: Api | undefined) => of?.getAttributeTypeMap?.().map(({ baseName, type }) => [baseName, type])
  const names = Object.keys(client).filter((name) => client[name]?.getAttributeTypeMap !== undefined)
  expect(names.length).toBeGreaterThan(500)
  expect(Object.keys(table).toSorted()).toStrictEqual(names.toSorted())
  expect(names.filter((name) => JSON.stringify(fields(table[name])) !== JSON.stringify(fields(client[name])))).toStrictEqual([])
})

test('a bundle carries all its code and nothing of this machine', async () => {
  const out = await mkdtemp(join(tmpdir(), 'build-'))
  await buildActions(out)
  const files = (await readdir(join(out, 'actions'), { recursive: true })).filter((file) => file.endsWith('.mjs'))
  for (const file of files) {
    const text = await readFile(join(out, 'actions', file), 'utf8')
    const imports = [...text.matchAll(/\bimport ?(?:[\w$*{}, ]+? ?from ?)?\(?["'`]([^"'`]+)["'`]/g)].map((match) => match[1] ?? '')
    expect(imports.filter((from) => !/^(?:node:[a-z0-9_/]+|[a-z_]+|\.\/[A-Za-z0-9_-]+\.mjs)$/.test(from))).toStrictEqual([])
    expect(text).not.toContain(join(import.meta.dirname, '../..'))
  }
})

test('the command line keeps its dependencies as imports, and loads the App only when it serves', async () => {
  const out = await mkdtemp(join(tmpdir(), 'build-'))
  await bundleCommand(out)
  const files = await readdir(join(out, 'dist'), { recursive: true })
  const texts = await Promise.all(files.filter((file) => file.endsWith('.js')).map((file) => readFile(join(out, 'dist', file), 'utf8')))
  expect(texts.some((text) => /^import .*from ["']yaml["'];?$/m.test(text))).toBe(true)
  expect(texts.filter((text) => /(?:from|require\() ?["'](?:zod|semver|packageurl-js|spdx-|@sigstore\/verify)/.test(text))).toStrictEqual([])
  expect(texts.filter((text) => /from ["'][./].*\.ts["']|import\.meta\.main/.test(text))).toStrictEqual([])
  expect(texts.filter((text) => /^import .*from ["']probot["'];?$/m.test(text))).toHaveLength(1)
  expect(await readFile(join(out, 'dist/release-conductor.js'), 'utf8')).not.toMatch(/^import .*from ["'][^.]/m)
  expect(files.filter((file) => file.endsWith('.sql'))).not.toStrictEqual([])
})
