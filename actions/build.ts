/**
 * Bundles every Action and the command line: `node actions/build.ts [--out DIR]`.
 * DIR mirrors the repository (action.yml beside dist/, reusable workflows), so it can stand for a release commit. The same sources give the same bytes.
 */
import { chmod, cp, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'rolldown'

const ROOT = resolve(import.meta.dirname, '..')
/** Beside the file that reads them, as in the sources. */
const MIGRATIONS = 'app/store/migrations'
export const WORKFLOWS = ['apply.yml', 'conduct.yml', 'phase.yml', 'promote.yml', 'release-train.yml', 'report.yml', 'rollback.yml'] as const

/** Names of the folders that hold an action.yml. */
export async function actionNames(): Promise<string[]> {
  const folders = (await readdir(join(ROOT, 'actions'), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  const found = await Promise.all(
    folders.map((name) =>
      stat(join(ROOT, 'actions', name, 'action.yml')).then(
        () => name,
        () => null,
      ),
    ),
  )
  return found.filter((name) => name !== null).toSorted()
}

interface ApiType {
  getAttributeTypeMap?(): readonly { readonly baseName: string; readonly type: string }[]
}

/** The types of the Kubernetes API as the client publishes them, as a table of text instead of a class each: a quarter of the bytes. */
export async function apiTypesTable(): Promise<string> {
  const types: Readonly<Record<string, ApiType>> = await import('@kubernetes/client-node/dist/gen/models/all.js')
  const rows = Object.entries(types).flatMap(([name, type]) => {
    const fields = type.getAttributeTypeMap?.()
    return fields === undefined
      ? []
      : [`export const ${name} = of(${JSON.stringify(fields.map((field) => `${field.baseName}=${field.type}`).join('|'))})`]
  })
  return [
    "const fieldOf = (text) => ({ baseName: text.slice(0, text.indexOf('=')), type: text.slice(text.indexOf('=') + 1) })",
    "const of = (text) => ({ getAttributeTypeMap: () => (text === '' ? [] : text.split('|').map(fieldOf)) })",
    ...rows,
  ].join('\n')
}

const API_TYPES = {
  name: 'kubernetes-api-types',
  load: (id: string) => (id.endsWith('/client-node/dist/gen/models/all.js') ? apiTypesTable() : null),
}

/** What asks GitHub for an identity token, by an HTTP client that weighs more than all agents. The agents' job has no such right, and asks nobody. */
const NO_CLIENT = {
  name: 'no-identity-client',
  load: (id: string) =>
    id.endsWith('/@actions/core/lib/oidc-utils.js')
      ? "export class OidcClient {\n  static async getIDToken() {\n    throw new Error('this job has no identity token')\n  }\n}"
      : null,
}

/** An Action carries all its code; nothing is installed where it runs. Its entry reads the inputs; the rest is loaded when they are good. */
export async function bundleAction(name: string, out: string): Promise<void> {
  const dist = join(out, 'actions', name, 'dist')
  await rm(dist, { recursive: true, force: true })
  await build({
    ...COMMON,
    plugins: name === 'agents' ? [API_TYPES, NO_CLIENT] : [API_TYPES],
    input: { index: join(ROOT, 'actions', name, 'index.ts') },
    output: { ...OUTPUT, minify: SMALLER, dir: dist, entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
  })
  if (out === ROOT) return
  await cp(join(ROOT, 'actions', name, 'action.yml'), join(out, 'actions', name, 'action.yml'))
}

/**
 * The command line is installed as a package: its dependencies stay imports, and each part is loaded when it is needed. The tables of the store go with it.
 * Bundled are those that lie in many small files and are needed at once: to find and read these took half of a command's start.
 * So are those that need peers, which not every installer adds.
 */
export async function bundleCommand(out: string): Promise<void> {
  const dist = join(out, 'dist')
  await rm(dist, { recursive: true, force: true })
  await build({
    ...COMMON,
    ...SHIPPED,
    input: { 'release-conductor': join(ROOT, 'app/cli/bin.ts') },
    output: {
      ...OUTPUT,
      dir: dist,
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      codeSplitting: { groups: TOGETHER },
      banner: ({ isEntry }) => (isEntry ? '#!/usr/bin/env node' : ''),
    },
  })
  await chmod(join(dist, 'release-conductor.js'), 0o755)
  await cp(join(ROOT, MIGRATIONS), join(dist, 'migrations'), { recursive: true })
}

/** What is loaded together lies in one file: to find and read a small file takes longer than to run it. */
const TOGETHER = [
  {
    name: 'command',
    test: /\/app\/cli\/(?:main|verbs?|error|output|node-version)\.ts$|\/evidence\/(?:core\/(?:error|digest|canonical|json)|config\/nearest)\.ts$/,
  },
  {
    name: 'sbom',
    test: /\/evidence\/sbom\/(?!yaml|pnpm|yarn|go-mod|cargo|toml|lines|requirements|pypi|python|poetry|uv|gemfile|composer|lock\.|lock-on|image)[a-z0-9-]+\.ts$|\/node_modules\/(?:semver|packageurl-js|spdx-)/,
  },
]
const BUNDLED =
  /^(?:zod|semver|packageurl-js|spdx-[a-z-]+|@sigstore\/(?:verify|bundle|core|protobuf-specs)|@prometheus-io\/lezer-promql|@lezer\/[a-z]+)(?:\/|$)/
export const SHIPPED = { external: (id: string) => /^[@a-z]/.test(id) && !BUNDLED.test(id) } as const

/** Only the entry is the process: what was an entry of its own in the sources is none inside a bundle. */
const COMMON = {
  cwd: ROOT,
  platform: 'node',
  transform: { define: { 'import.meta.main': 'false' } },
  checks: { circularDependency: false },
  logLevel: 'warn',
} as const
/** Names of functions stay, so that a stack trace can be read. */
const SMALLER = { compress: true, mangle: { keepNames: true }, codegen: true } as const
const OUTPUT = { format: 'esm', sourcemap: false, minify: false, comments: { legal: true } } as const

/** Everything a caller of the reusable workflows needs, as a tree that can stand for a release commit. */
export async function buildActions(out: string): Promise<void> {
  for (const name of await actionNames()) await bundleAction(name, out)
  if (out === ROOT) return
  await mkdir(join(out, '.github/workflows'), { recursive: true })
  for (const file of WORKFLOWS) await cp(join(ROOT, '.github/workflows', file), join(out, '.github/workflows', file))
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string' } } })
  const out = values.out === undefined ? ROOT : resolve(values.out)
  await buildActions(out)
  await bundleCommand(out)
}

if (import.meta.main) await main()
