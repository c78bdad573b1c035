/** HAProxy's answer to `show stat <backend> 4 -1` -> its servers. Pure. */
import { RouterError } from './router.ts'
import { words } from './words.ts'

export interface ServerStat {
  readonly name: string
  /** Its own weight, 0 to 256. */
  readonly weight: number
  /** Requests (in TCP mode connections) it was given since HAProxy started. */
  readonly given: number
  /** Such as `UP`, `no check`, `DOWN`, `MAINT`, `DRAIN`. */
  readonly status: string
  readonly backup: boolean
}

const COLUMNS = ['pxname', 'svname', 'stot', 'status', 'bck', 'uweight'] as const
const REFUSAL = /^(?:No such |Permission denied|Unknown command)/

function malformed(why: string): RouterError {
  return new RouterError('malformed', `HAProxy's answer to show stat ${why}. Is the socket right, and is it HAProxy 2.2 or newer?`)
}

/** A field in quotes may hold commas. */
function fields(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}

function whole(text: string, what: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value)) throw malformed(`says ${what} is ${JSON.stringify(words(text))}, which is no whole number`)
  return value
}

/** @throws RouterError `refused` (what HAProxy says against it), `malformed` (cut off, or not this answer) */
export function parseStat(answer: string, backend: string): ReadonlyMap<string, ServerStat> {
  if (REFUSAL.test(answer)) throw new RouterError('refused', `HAProxy does not tell of backend ${backend}: ${words(answer)}`)
  if (!answer.startsWith('# pxname,')) throw malformed('is not a table of servers')
  if (!answer.endsWith('\n\n')) throw malformed('is cut off')
  const [head = '', ...lines] = answer.slice(2, -2).split('\n')
  const names = fields(head)
  const at = COLUMNS.map((column) => names.indexOf(column))
  const absent = COLUMNS.filter((_, index) => at[index] === -1)
  if (absent.length > 0) throw malformed(`lacks ${absent.join(', ')}`)
  const servers = new Map<string, ServerStat>()
  for (const line of lines) {
    const row = fields(line)
    if (row.length !== names.length) throw malformed(`has a row of ${row.length} fields instead of ${names.length}`)
    const [proxy = '', name = '', given = '', status = '', backup = '', weight = ''] = at.map((index) => row[index])
    if (proxy !== backend || name === '' || servers.has(name))
      throw malformed(`has a row of ${JSON.stringify(words(`${proxy}/${name}`))}, which it should not`)
    const server = {
      name,
      weight: whole(weight, `the weight of ${name}`),
      given: whole(given, `the count of ${name}`),
      status,
      backup: backup === '1',
    }
    if (server.weight > 256) throw malformed(`says the weight of ${name} is ${server.weight}`)
    servers.set(name, server)
  }
  return servers
}

/** Why a server would get no traffic whatever its weight; null when it would. Without weight, `DRAIN` is only that. */
export function idleWhy({ status, backup, weight }: ServerStat): string | null {
  if (backup) return 'is a backup server'
  return /^(?:DOWN|MAINT|NOLB)/.test(status) || (status.startsWith('DRAIN') && weight > 0) ? `is ${status}` : null
}
