/** How soon an Action's entry has read its inputs and says what is wrong with them, and how large it is; against Node alone and against a script that loads GitHub's toolkit. */
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'rolldown'
import { actionNames, buildActions } from '../../actions/build.ts'
import type { Benchmark } from './benchmark.ts'
import { interleaved, type Command } from './measure.ts'
import type { Row } from './row.ts'

const AGAINST_NODE = 1.5
const AGAINST_TOOLKIT = 0.5
const DIST_MB = 2

/** What a step of a script action loads before its first line runs: the toolkit's core and a client of the API. */
const TOOLKIT =
  "import * as core from '@actions/core'\nimport { Octokit } from '@octokit/rest'\nglobalThis.loaded = [core, new Octokit({ auth: 'x' })]\n"
const NODE = 'node -e 0'
const SCRIPT = "@actions/core and @octokit/rest in one file, as a script action loads GitHub's toolkit"

export const actions: Benchmark = {
  name: 'actions',
  what: "how soon each Action's entry answers, and how large it is; against node -e 0 and a script that loads GitHub's toolkit",
  tools: { bash: 'the package bash' },
  rounds: 15,
  counted: 'rounds',
  async run(bench) {
    const { dir, say } = bench
    const built = join(dir, 'built')
    say('the Actions are bundled')
    await buildActions(built)
    const toolkit = await bundled(dir)
    const names = await actionNames()
    const node = (name: string, script: string, args: readonly string[] = []): Command => ({
      name,
      script,
      args: [process.execPath, ...args],
      cwd: dir,
    })
    const measured = await interleaved(
      [
        node(NODE, '"$1" -e 0'),
        node(SCRIPT, '"$1" "$2"', [toolkit]),
        // Without inputs it ends red, having said which one is missing.
        ...names.map((name) => node(name, '! "$1" "$2"', [join(built, 'actions', name, 'dist/index.mjs')])),
      ],
      bench,
    )
    const [floor, script, ...entries] = measured
    if (floor === undefined || script === undefined) throw new Error('nothing was measured')
    const silent = entries.find(({ outputs }) => outputs.some((output) => !output.startsWith('::error::bad-input')))
    if (silent !== undefined) throw new Error(`${silent.name} said nothing of its missing input`)
    const rows: Row[] = []
    for (const { name, wall } of entries) {
      const size = (await sizesOf(join(built, 'actions', name, 'dist'))) / 1e6
      rows.push(
        { benchmark: 'actions', what: `${name}, entry`, unit: 's', ours: wall, peer: { name: NODE, value: floor.wall }, limit: AGAINST_NODE },
        { benchmark: 'actions', what: `${name}, entry`, unit: 's', ours: wall, peer: { name: SCRIPT, value: script.wall }, limit: AGAINST_TOOLKIT },
        { benchmark: 'actions', what: `${name}, dist`, unit: 'MB', ours: size, peer: null, limit: DIST_MB },
      )
    }
    return rows
  },
}

async function bundled(dir: string): Promise<string> {
  const source = join(dir, 'toolkit')
  await mkdir(source)
  await symlink(resolve(import.meta.dirname, '../../node_modules'), join(source, 'node_modules'))
  await writeFile(join(source, 'toolkit.ts'), TOOLKIT)
  const file = join(dir, 'toolkit.mjs')
  await build({ input: join(source, 'toolkit.ts'), platform: 'node', logLevel: 'silent', output: { file, format: 'esm', minify: true } })
  return file
}

async function sizesOf(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
