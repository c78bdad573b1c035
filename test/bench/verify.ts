/** The pack of `pack`, verified: every digest, signature and link. Against `unzip` and `sha256sum -c`, and against a process that only hashes the files. */
import { sha256 } from '../../evidence/core/digest.ts'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Benchmark } from './benchmark.ts'
import { buildProcesses } from './built.ts'
import { interleaved } from './measure.ts'
import { ANSWER } from './pack/answer.ts'
import { prepare } from './pack/prepare.ts'
import type { Row } from './row.ts'

const MOST = { unzip: 0.3, hash: 1.5, megabytes: 200 }

export const verify: Benchmark = {
  name: 'verify',
  what: 'verifies a pack of 500 files and 193 MB; against unzip and sha256sum -c, and against hashing alone',
  tools: { unzip: 'the package unzip', sha256sum: 'GNU coreutils', bash: 'the package bash' },
  rounds: 7,
  counted: 'rounds',
  async run(bench) {
    const { dir, say } = bench
    say('writing 193 MB of files, and their pack')
    const { paths } = await prepare(dir)
    const built = await buildProcesses('pack', ['write', 'verify', 'hash-only'])
    const pack = join(dir, 'pack.zip')
    const node = (name: string, ...args: readonly string[]) => ({
      script: '"$@"',
      args: [process.execPath, join(built, `${name}.js`), ...args],
      cwd: dir,
    })
    await interleaved([{ name: 'packing', ...node('write', dir, pack) }], { ...bench, rounds: 1 })
    const sums = join(dir, 'sums')
    await writeFile(sums, (await Promise.all(paths.map(async (path) => `${sha256(await readFile(join(dir, 'files', path)))}  ${path}\n`))).join(''))
    const unpacked = join(dir, 'unpacked')
    const [mine, unzip, hashing] = await interleaved(
      [
        { name: 'ours', ...node('verify', dir, pack) },
        {
          name: 'unzip, sha256sum -c',
          script: 'unzip -q "$1"; sha256sum -c --quiet "$2"',
          args: [pack, sums],
          cwd: unpacked,
          before: async () => {
            await rm(unpacked, { recursive: true, force: true })
            await mkdir(unpacked)
          },
        },
        { name: 'Node, hashing alone', ...node('hash-only', dir) },
      ],
      bench,
    )
    if (mine === undefined || unzip === undefined || hashing === undefined) throw new Error('nothing was measured')
    const answers = mine.outputs.map((output) => ANSWER.parse(JSON.parse(output)))
    const bad = answers.find(({ ok }) => ok !== true)
    if (bad !== undefined) throw new Error(`the pack does not verify: ${JSON.stringify(bad.errors).slice(0, 1000)}`)
    return [
      row('wall', mine.wall, unzip.name, unzip.wall, MOST.unzip),
      row('processor', mine.cpu, unzip.name, unzip.cpu, null),
      row('wall', mine.wall, hashing.name, hashing.wall, MOST.hash),
      row('processor', mine.cpu, hashing.name, hashing.cpu, null),
      {
        benchmark: 'verify',
        what: 'peak memory',
        unit: 'MB',
        ours: Math.max(...answers.map(({ rss }) => rss)) / 1e6,
        peer: null,
        limit: MOST.megabytes,
      },
    ]
  },
}

function row(what: string, ours: number, name: string, value: number, limit: number | null): Row {
  return { benchmark: 'verify', what, unit: 's', ours, peer: { name, value }, limit }
}
