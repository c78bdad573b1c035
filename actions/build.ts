/**
 * Bundles every Action, and the command line, into single files: `node actions/build.ts [--out DIR]`.
 * DIR mirrors the repository (action.yml beside dist/, reusable workflows), so it can stand for a release commit. The same sources give the same bytes.
 */
import { cp, mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'rolldown'

const ROOT = resolve(import.meta.dirname, '..')
const WORKFLOWS = ['conduct.yml', 'report.yml']

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

/** An Action carries all its code; nothing is installed where it runs. */
export async function bundleAction(name: string, out: string): Promise<void> {
  await bundle(join(ROOT, 'actions', name, 'index.ts'), join(out, 'actions', name, 'dist/index.mjs'), () => false)
  if (out === ROOT) return
  await cp(join(ROOT, 'actions', name, 'action.yml'), join(out, 'actions', name, 'action.yml'))
}

/** The command line is installed as a package: its dependencies stay imports. */
export async function bundleCommand(out: string): Promise<void> {
  await bundle(join(ROOT, 'app/cli/main.ts'), join(out, 'dist/release-conductor.js'), (id) => /^[@a-z]/.test(id), '#!/usr/bin/env node')
}

async function bundle(input: string, file: string, external: (id: string) => boolean, banner = ''): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await build({
    input,
    cwd: ROOT,
    platform: 'node',
    external: (id) => external(id),
    checks: { circularDependency: false },
    logLevel: 'warn',
    output: { file, format: 'esm', banner, codeSplitting: false, sourcemap: false, minify: false, comments: { legal: true } },
  })
}

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
