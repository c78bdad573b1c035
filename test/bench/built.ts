/** What is measured is what is shipped: bundled as the command line is, with its dependencies beside it. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'rolldown'
import { bundleCommand, SHIPPED } from '../../actions/build.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Below the project, so that dependencies are found. */
const PLACE = join(ROOT, 'node_modules/.cache/release-conductor-bench')

/** @returns the folder with `dist/release-conductor.js` */
export async function buildCommand(): Promise<string> {
  const place = await empty('command')
  await bundleCommand(place)
  return place
}

/** @param folder beside this file @param names of entries in it, without ending @returns the folder with `<name>.js` */
export async function buildProcesses(folder: string, names: readonly string[]): Promise<string> {
  const place = await empty(folder)
  await build({
    ...SHIPPED,
    cwd: ROOT,
    platform: 'node',
    input: Object.fromEntries(names.map((name) => [name, join(import.meta.dirname, folder, `${name}.ts`)])),
    checks: { circularDependency: false },
    logLevel: 'warn',
    output: { format: 'esm', dir: place, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
  })
  return place
}

async function empty(name: string): Promise<string> {
  const place = join(PLACE, name)
  await rm(place, { recursive: true, force: true })
  await mkdir(place, { recursive: true })
  return place
}
