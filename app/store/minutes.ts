/** What the processes of one database tell each other about an installation: one small text, changed by comparing and swapping, so that nobody waits on a row. */
import { StoreError } from './error.ts'
import { integer, type Sql } from './sql.ts'

/** Of one change; each loss is another process's gain. */
const TRIES = 20

export interface Minutes {
  /**
   * @param change pure; asked again when another process was faster. Gets what was told last, null: nothing, and the time in milliseconds by the clock that
   *   all processes share
   * @throws StoreError `again`, or what the database throws
   */
  change<Answer>(
    installation: number,
    change: (told: string | null, at: number) => { readonly told: string; readonly answer: Answer },
  ): Promise<Answer>
}

interface Row {
  readonly at: unknown
  readonly version: unknown
  readonly told: string | null
}

const READ = `select (extract(epoch from clock_timestamp()) * 1000)::bigint as at, version, told
  from (select 1) as always left join conductor.minutes on installation = $1`
const FIRST = 'insert into conductor.minutes (installation, version, told) values ($1, 1, $2) on conflict do nothing returning version'
const NEXT = 'update conductor.minutes set version = version + 1, told = $2 where installation = $1 and version = $3 returning version'

export function openMinutes(sql: Sql): Minutes {
  return {
    async change(installation, change) {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const [row] = await sql.rows<Row>(READ, [installation])
        const known = row?.told ?? null
        const { told, answer } = change(known, integer(row?.at))
        if (told === known) return answer
        const taken = await (known === null ? sql.rows(FIRST, [installation, told]) : sql.rows(NEXT, [installation, told, integer(row?.version)]))
        if (taken.length === 1) return answer
      }
      throw new StoreError('again', `Installation ${installation} is told about by others all the time.`)
    },
  }
}
