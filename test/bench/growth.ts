/** What a phase takes when the repository grows: P0 of 500, 5,000 and 50,000 files, and of this repository. */
import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { git } from '../support/github/actions/git.ts'
import type { Benchmark } from './benchmark.ts'
import { buildCommand } from './built.ts'
import { filesOf, type GrownFile } from './growth/files.ts'
import { interleaved, type Command } from './measure.ts'
import { median, type Row } from './row.ts'

const SIZES = [500, 5_000, 50_000]
const OWN = { seconds: 10, mb: 300 }
const ROOT = join(import.meta.dirname, '../..')

/** Says at the end of a process how much memory it had at most, in kB: one line a round. */
const WATCH =
  "import { appendFileSync } from 'node:fs'\nprocess.on('exit', () => appendFileSync(process.env.PEAK, `${process.resourceUsage().maxRSS}\\n`))\n"
const CONFIG = `version: 1
release: { base: [main] }
not_applicable:
  policy_ci.policies: { reason: none is measured here, by: '@acme/leads' }
  hardening.templates: { reason: none is measured here, by: '@acme/leads' }
  supply_chain.registry: { reason: none is measured here, by: '@acme/leads' }
`
const ABSENT = new Set(['policy-gatekeeper', 'template-keeper', 'artifactory-steward'])
const BODY = ['Summary', 'Risk', 'Rollback'].map((title) => `## ${title}\n\nAs before.\n`).join('\n')
const RULES = '{"rules":[]}'

export const growth: Benchmark = {
  name: 'growth',
  what: 'phase P0 of repositories of 500, 5,000 and 50,000 files, and of this one: time and memory',
  tools: { bash: 'the package bash', git: 'the package git' },
  rounds: 5,
  counted: 'rounds',
  async run(bench) {
    const { dir, say } = bench
    const program = join(await buildCommand(), 'dist/release-conductor.js')
    const watch = join(dir, 'watch.mjs')
    for (const [name, text] of [
      ['watch.mjs', WATCH],
      ['config.yml', CONFIG],
      ['body.md', BODY],
      ['rules.json', RULES],
    ] as const)
      await writeFile(join(dir, name), text)
    const commands: Command[] = []
    for (const size of SIZES) {
      say(`a repository of ${size} files is made`)
      commands.push(command(dir, `${size}`, await repositoryOf(dir, size), program, watch))
    }
    const own = join(dir, 'own')
    await git(['clone', '--quiet', ROOT, own])
    await git(['-C', own, 'checkout', '--quiet', '-B', 'main'])
    commands.push(command(dir, 'own', own, program, watch))
    const measured = await interleaved(commands, bench)
    for (const { name, outputs } of measured) for (const output of outputs) looked(name, output)
    const peaks = await Promise.all(measured.map(async ({ name }) => peakOf(join(dir, `${name}.peak`))))
    const rows = measured.flatMap(({ cpu, name, wall }, at): Row[] => {
      const mb = peaks[at] ?? Number.NaN
      const before = measured[at - 1]
      const what = name === 'own' ? 'this repository' : `${Number(name).toLocaleString('en-US')} files`
      const row = { benchmark: 'growth', peer: null, limit: null } as const
      if (name === 'own')
        return [
          { ...row, what: `${what}, wall`, unit: 's', ours: wall, limit: OWN.seconds },
          { ...row, what: `${what}, memory`, unit: 'MB', ours: mb, limit: OWN.mb },
        ]
      const limit = before === undefined ? null : 1
      return [
        { ...row, what: `${what}, wall`, unit: 's', ours: wall, peer: tenfold(before?.wall), limit },
        { ...row, what: `${what}, processor`, unit: 's', ours: cpu, peer: tenfold(before?.cpu), limit },
        { ...row, what: `${what}, memory`, unit: 'MB', ours: mb, peer: tenfold(peaks[at - 1]), limit },
      ]
    })
    return rows
  },
}

function tenfold(value: number | undefined): Row['peer'] {
  return value === undefined ? null : { name: 'ten times what a tenth of the files takes', value: 10 * value }
}

/** Exit 1 is a gate that says no, which it should of files like these. */
function command(dir: string, name: string, cwd: string, program: string, watch: string): Command {
  const script =
    'PEAK="$1" "$2" --import "$3" "$4" run --phase=P0 --base=main --config="$5/config.yml" --pull-body="$5/body.md" --rules="$5/rules.json" --title="fix: a" --label=type:fix --label=risk:low --trust-owners --json || [ $? = 1 ]'
  return { name, script, args: [join(dir, `${name}.peak`), process.execPath, pathToFileURL(watch).href, program, dir], cwd }
}

/** An agent that could not look would be fast. @throws */
function looked(name: string, output: string): void {
  const { responses } = JSON.parse(output) as { responses: readonly { agent: string; result: string; notes: string }[] }
  const idle = responses.find(({ agent, result }) => result !== 'ok' && !ABSENT.has(agent))
  if (idle !== undefined) throw new Error(`${name}: ${idle.agent} did not look: ${idle.notes}`)
}

async function peakOf(file: string): Promise<number> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  return median(lines.map((line) => (Number(line) * 1024) / 1e6))
}

/** A tenth of the files changes on the release. */
async function repositoryOf(dir: string, size: number): Promise<string> {
  const place = join(dir, `files-${size}`)
  await mkdir(place)
  await git(['init', '--quiet', '--initial-branch=main', place])
  const files = filesOf(size)
  const changed = files.filter(({ path }) => path.endsWith('.ts')).slice(0, size / 10)
  await imported(
    place,
    `${commit('main', 'feat: start', files)}${commit(
      'release',
      'fix: a',
      changed.map(({ path, text }) => ({ path, text: `${text}\n` })),
      'main',
    )}`,
  )
  await git(['-C', place, 'checkout', '--quiet', 'release'])
  return place
}

function commit(branch: string, subject: string, files: readonly GrownFile[], from?: string): string {
  const head = `commit refs/heads/${branch}\ncommitter Bench <bench@example.com> 1700000000 +0000\ndata ${subject.length}\n${subject}\n`
  const texts = files.map(({ path, text }) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`)
  return `${head}${from === undefined ? '' : `from refs/heads/${from}\n`}${texts.join('')}`
}

async function imported(place: string, stream: string): Promise<void> {
  const child = spawn('git', ['-C', place, 'fast-import', '--quiet'], { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(stream)
  const [code] = await new Promise<readonly [number | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve([status]))
  })
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
}
