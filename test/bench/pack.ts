/** A release of 500 files and 193 MB into one sealed archive: against `zip` and `sha256sum`, which seal nothing. */
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Benchmark } from './benchmark.ts'
import { buildProcesses } from './built.ts'
import { interleaved } from './measure.ts'
import { prepare } from './pack/prepare.ts'
import { ANSWER } from './pack/answer.ts'
import type { Row } from './row.ts'

const MOST = { wall: 0.35, size: 1.02, megabytes: 200 }

export const pack: Benchmark = {
  name: 'pack',
  what: 'packs and seals 500 files of 193 MB; against zip -6 and sha256sum',
  tools: { zip: 'the package zip', sha256sum: 'GNU coreutils', bash: 'the package bash' },
  rounds: 5,
  counted: 'rounds',
  async run(bench) {
    const { dir, say } = bench
    say('writing 193 MB of files')
    await prepare(dir)
    const built = await buildProcesses('pack', ['write'])
    const [ours, theirs] = [join(dir, 'ours.zip'), join(dir, 'theirs.zip')]
    const [mine, peer] = await interleaved(
      [
        { name: 'ours', script: '"$1" "$2" "$3" "$4"', args: [process.execPath, join(built, 'write.js'), dir, ours], cwd: dir },
        {
          name: 'zip -r -6, sha256sum',
          script: 'zip -q -r -6 "$1" .; find . -type f -exec sha256sum {} + >"$2"; sha256sum "$1" >>"$2"',
          args: [theirs, join(dir, 'theirs.sums')],
          cwd: join(dir, 'files'),
          before: () => rm(theirs, { force: true }),
        },
      ],
      bench,
    )
    if (mine === undefined || peer === undefined) throw new Error('nothing was measured')
    const answers = mine.outputs.map((output) => ANSWER.parse(JSON.parse(output)))
    const row = (what: string, unit: Row['unit'], own: number, value: number, limit: number | null): Row => ({
      benchmark: 'pack',
      what,
      unit,
      ours: own,
      peer: { name: peer.name, value },
      limit,
    })
    return [
      row('wall', 's', mine.wall, peer.wall, MOST.wall),
      row('processor', 's', mine.cpu, peer.cpu, null),
      row('size', 'MB', (await stat(ours)).size / 1e6, (await stat(theirs)).size / 1e6, MOST.size),
      plain('peak memory', 'MB', Math.max(...answers.map(({ rss }) => rss)) / 1e6, MOST.megabytes),
      plain('archives that differ from the first', 'x', answers.filter(({ sha256 }) => sha256 !== answers[0]?.sha256).length, 0),
    ]
  },
}

function plain(what: string, unit: Row['unit'], ours: number, limit: number): Row {
  return { benchmark: 'pack', what, unit, ours, peer: null, limit }
}
