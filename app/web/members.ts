/** Wiring of what is there for whoever can log in, from the operator's file; and nothing without `login` in it. */
import { webFlow } from '../github/web-flow.ts'
import type { Operator } from '../operator.ts'
import type { Clock, Log, StorePort, Trigger } from '../release/ports.ts'
import { openKeys } from '../store/keys.ts'
import { openSessions } from '../store/sessions.ts'
import type { Sql } from '../store/sql.ts'
import { GITHUB_MS } from '../takeover.ts'
import { openAccount } from './account.ts'
import { openAct } from './act.ts'
import { openCeremony } from './ceremony.ts'
import { hostOfPeople } from './host.ts'
import { openLogin } from './login.ts'
import { CALLBACK_PATH, hasName } from './login-entry.ts'
import type { PageAddresses } from './page-address.ts'
import type { Members } from './web.ts'

export interface MembersParts {
  readonly sql: Sql
  readonly store: Pick<StorePort, 'release' | 'order' | 'blob'>
  readonly clock: Clock
  readonly log: Log
  readonly addresses: PageAddresses
  /** Has the release looked at. */
  readonly onOrder: (trigger: Trigger) => Promise<void>
  /** How long a page waits for what comes of a command. Milliseconds. */
  readonly patienceMs?: number
}

export function openMembers(
  operator: Pick<Operator, 'login' | 'publicUrl' | 'github' | 'signing'>,
  { sql, store, clock, log, addresses, onOrder, patienceMs }: MembersParts,
): Members | null {
  const { publicUrl, github, signing } = operator
  if (operator.login === null || publicUrl === null) return null
  const { clientId, clientSecret, keyCooldown: cooldown } = operator.login
  const flow = webFlow({
    web: hostOfPeople(github.apiUrl),
    api: github.apiUrl,
    clientId,
    clientSecret,
    callback: `${publicUrl}${CALLBACK_PATH}`,
    timeoutMs: GITHUB_MS,
  })
  const isOurs = (path: string): boolean => path === '/account' || addresses.read(path) !== null
  const login = openLogin({ flow, sessions: openSessions(sql, clock), publicUrl, secret: signing.key, isOurs, clock, log })
  const keys = hasName(publicUrl) ? { store: openKeys(sql, clock), ceremony: openCeremony(publicUrl), cooldown } : null
  const act = openAct({ login, store, keys, onOrder, clock, log, ...(patienceMs === undefined ? {} : { patienceMs }) })
  return { login, account: openAccount({ login, keys, clock, log }), act }
}
