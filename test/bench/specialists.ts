/** Our rules beside those of specialists, on files of well-known public projects (docs/specialists.md). */
import { Unavailable, type Benchmark } from './benchmark.ts'
import type { Row } from './row.ts'
import { differencesOf, judged } from './specialists/compare.ts'
import { shown } from './specialists/page.ts'
import type { Part, Shown } from './specialists/part.ts'
import { PARTS } from './specialists/parts.ts'

export const specialists: Benchmark = {
  name: 'specialists',
  what: `our rules beside ${PARTS.map(({ specialist }) => specialist).join(', ')}, on public projects (asks the Go module proxy for them)`,
  tools: { go: 'Go, from https://go.dev' },
  rounds: 1,
  counted: 'rounds',
  async run(bench) {
    const rows: Row[] = []
    for (const part of PARTS) {
      bench.say(`${part.topic}: ${part.specialist}`)
      try {
        const seen = await shown(part)
        rows.push(...rowsOf(part, seen))
        bench.tell(toldOf(part, seen))
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
        bench.absent(`${part.topic} beside ${part.specialist}`, error.message)
      }
    }
    return rows
  },
}

function toldOf(part: Part, { what, compared }: Shown) {
  const differences = differencesOf(compared, part.explained)
  return {
    title: `${part.topic}: ${part.specialist} and ours, ${what}`,
    head: ['class', 'both', 'only ours', `only ${part.specialist}`, 'recall %, ours', 'theirs', 'false alarms, ours', 'theirs', 'unexplained'],
    rows: compared.map((one) => {
      const { both, ours, theirs, unexplained } = judged(one, differences)
      const figures = [both, ours.only, theirs.only, Math.round(ours.recall), Math.round(theirs.recall), ours.falseAlarms, theirs.falseAlarms]
      const open = differences.filter((each) => each.class === one.class && each.reason === null).map(({ file }) => file)
      return [one.class, ...figures.map(String), unexplained === 0 ? '0' : `${unexplained}: ${open.slice(0, 3).join(', ')}`]
    }),
  }
}

function rowsOf(part: Part, { compared }: Shown): readonly Row[] {
  const differences = differencesOf(compared, part.explained)
  const each = compared.map((one) => judged(one, differences))
  return [
    {
      benchmark: 'specialists',
      what: `${part.topic}: share of the faults that either sees, mean of ${each.length} classes`,
      unit: '%',
      ours: mean(each.map(({ ours }) => ours.recall)),
      peer: { name: part.specialist, value: mean(each.map(({ theirs }) => theirs.recall)) },
      limit: null,
    },
    {
      benchmark: 'specialists',
      what: `${part.topic}, ${part.specialist}: only one sees it, and nobody has said why`,
      unit: 'files',
      ours: each.reduce((sum, { unexplained }) => sum + unexplained, 0),
      peer: null,
      limit: 0,
    },
  ]
}

function mean(of: readonly number[]): number {
  return of.reduce((sum, one) => sum + one, 0) / of.length
}
