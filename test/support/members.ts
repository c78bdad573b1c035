/** Pages where people log in with the double of GitHub, and browsers that are logged in there. */
import type { Clock, Log } from '../../app/release/ports.ts'
import { migrate } from '../../app/store/migrate.ts'
import { openPglite } from '../../app/store/pglite.ts'
import type { Sql } from '../../app/store/sql.ts'
import { CALLBACK_PATH } from '../../app/web/login-entry.ts'
import { openMembers, type MembersParts } from '../../app/web/members.ts'
import type { Members as Pages } from '../../app/web/web.ts'
import { Browser } from './browser.ts'
import { startGitHub, type GitHub } from './github/index.ts'
import { ADDRESSES } from './shown.ts'

export interface Members extends AsyncDisposable {
  readonly github: GitHub
  readonly sql: Sql
  /** What the App logged. */
  readonly logged: string[]
  now: number
  /** @param url where the pages are; GitHub sends browsers back there from now on @param secret of the client, when it is another */
  pages(url: string, store: MembersParts['store'], of?: { readonly onOrder?: MembersParts['onOrder']; readonly secret?: string }): Pages
  /** Sends a browser to GitHub. @returns GitHub's page */
  asked(browser: Browser, url: string, to?: string): Promise<string>
  /** A browser that is logged in, and the answer of the last step. */
  enter(url: string, login?: string, to?: string): Promise<{ readonly browser: Browser; readonly answer: Response }>
}

export const COOLDOWN = { ms: 86_400_000, words: '24h' }

/** @param dir an empty folder @param people logins that GitHub knows */
export async function members(dir: string, people: readonly string[]): Promise<Members> {
  const sql = await openPglite(null)
  await migrate(sql)
  const github = await startGitHub({ dir })
  for (const login of people) github.addUser({ login })
  const logged: string[] = []
  const say = (fields: Record<string, unknown>): void => void logged.push(JSON.stringify(fields))
  const log: Log = { info: say, warn: say, error: say }
  const clock: Clock = { now: () => of.now }
  const of: Members = {
    github,
    sql,
    logged,
    now: 1_000_000_000,
    pages(url, store, { onOrder = async () => {}, secret = github.app.client.secret } = {}) {
      github.setCallback(`${url}${CALLBACK_PATH}`)
      const pages = openMembers(
        {
          login: { clientId: github.app.client.id, clientSecret: secret, keyCooldown: COOLDOWN },
          publicUrl: url,
          github: { apiUrl: github.apiUrl, appId: github.app.id, privateKey: '' },
          signing: { id: 'app', key: 'a key' },
        },
        { sql, store, clock, log, addresses: ADDRESSES.page, onOrder, patienceMs: 300 },
      )
      if (pages === null) throw new Error('there is a login')
      return pages
    },
    asked: async (browser, url, to = '/account') => (await browser.get(`${url}/login?to=${encodeURIComponent(to)}`)).headers.get('location') ?? '',
    async enter(url, login = 'approver', to) {
      const browser = new Browser()
      return { browser, answer: await browser.get(github.authorize(login, await of.asked(browser, url, to))) }
    },
    async [Symbol.asyncDispose]() {
      await github.stop()
      await sql.close()
    },
  }
  return of
}
