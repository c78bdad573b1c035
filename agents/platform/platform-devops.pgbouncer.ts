/** pgBouncer's ini -> what lets anybody in, what travels in the clear, and what holds no line. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'

const WEAK = new Set(['any', 'trust', 'plain', 'md5'])
const CLEAR = new Set(['disable', 'allow', 'prefer'])

interface Setting {
  readonly value: string
  readonly line: number
}

export function pgbouncerFindings(path: string, text: string): Finding[] {
  const findings: Finding[] = []
  const say = (rule: string, line: number, message: string, next: string, severity: Finding['severity'] = 'error'): void => {
    findings.push({ rule: `pgbouncer.${rule}`, severity, path: path.slice(0, 500), line, message: message.slice(0, 1000), next })
  }
  const settings = new Map<string, Setting>()
  let section = ''
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const row = raw.trim()
    if (row === '' || row.startsWith(';') || row.startsWith('#') || row.startsWith('%include')) continue
    const line = index + 1
    const named = /^\[([^\]]+)\]$/.exec(row)?.[1]
    const pair = /^([^=\s]+)\s*=\s*(.*)$/.exec(row)
    if (named !== undefined) section = named.trim().toLowerCase()
    else if (pair === null) say('broken', line, 'This line is neither a section nor a setting', 'Write `name = value`.')
    else {
      const [, name = '', value = ''] = pair
      const key = `${section}.${name.toLowerCase()}`
      if (settings.has(key)) say('doubled-key', line, `${name} is set twice in [${section}]; the last one counts`, 'Keep one of them.')
      settings.set(key, { value: value.trim(), line })
      if (section === 'databases' && /\bpassword\s*=\s*[^\s]/i.test(value))
        say('password-in-file', line, `The password of ${name} stands in the file`, 'Use auth_file or auth_query; then replace the password.')
    }
  }
  const of = (name: string): Setting | undefined => settings.get(`pgbouncer.${name}`)
  const [auth, listen] = [of('auth_type'), of('listen_addr')]
  if (auth !== undefined && WEAK.has(auth.value.toLowerCase()))
    say('weak-auth', auth.line, `auth_type ${auth.value} is no proof of who somebody is`, 'Say `auth_type = scram-sha-256`, or `cert`, or `hba`.')
  const world = listen !== undefined && /(?:^|,)\s*(?:\*|0\.0\.0\.0|::)\s*(?:,|$)/.test(listen.value)
  const client = of('client_tls_sslmode')
  if (world && CLEAR.has(client?.value.toLowerCase() ?? 'disable'))
    say(
      'clear-text',
      client?.line ?? listen.line,
      'It listens to everybody, and clients may talk to it in the clear',
      'Say `client_tls_sslmode = require`, or listen to one address.',
    )
  const server = of('server_tls_sslmode')
  if (CLEAR.has(server?.value.toLowerCase() ?? 'prefer'))
    say('server-clear-text', server?.line ?? 1, 'It may talk to PostgreSQL in the clear', 'Say `server_tls_sslmode = verify-full`.', 'warning')
  for (const name of ['max_client_conn', 'query_wait_timeout'])
    if (of(name)?.value === '0') say('no-limit', of(name)?.line ?? 1, `${name} = 0: nothing holds the line when clients pile up`, 'Give it a number.')
  return findings
}
