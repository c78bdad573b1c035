/** A stats socket that answers as HAProxy 2.6 does, from plain weights, until a test says otherwise. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface Server {
  weight: number
  given?: number
  status?: string
  backup?: boolean
}

/** @returns the answer, or null when the script did with the socket what it wanted */
export type Script = (command: string, usual: () => string, socket: Socket) => string | null

export interface ScriptedHaproxy {
  readonly socket: string
  readonly commands: string[]
  readonly servers: Map<string, Server>
}

function statOf(servers: ReadonlyMap<string, Server>): string {
  const rows = [...servers].map(
    ([name, { weight, given = 0, status = 'no check', backup = false }]) => `shop,${name},${given},${status},${backup ? 1 : 0},${weight},\n`,
  )
  return `# pxname,svname,stot,status,bck,uweight,\n${rows.join('')}\n`
}

function usual(command: string, servers: Map<string, Server>): string {
  if (command === 'show stat shop 4 -1') return statOf(servers)
  const [, backend, name, weight] = /^set weight ([^/]+)\/(\S+) (\d+)$/.exec(command) ?? []
  if (backend === undefined) return 'Unknown command\n\n'
  if (backend !== 'shop') return 'No such backend.\n\n'
  const server = servers.get(name ?? '')
  if (server === undefined) return 'No such server.\n\n'
  server.weight = Number(weight)
  return '\n'
}

export async function scriptedHaproxy(
  weights: Readonly<Record<string, number | Server>>,
  script: Script = (_, plain) => plain(),
): Promise<ScriptedHaproxy> {
  const folder = mkdtempSync(join(tmpdir(), 'haproxy-'))
  const servers = new Map(Object.entries(weights).map(([name, one]) => [name, typeof one === 'number' ? { weight: one } : one]))
  const commands: string[] = []
  const open = new Set<Socket>()
  const listener = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.once('data', (line) => {
      const command = line.toString().replace(/\n$/, '')
      commands.push(command)
      const answer = script(command, () => usual(command, servers), socket)
      if (answer !== null) socket.end(answer)
    })
  })
  const socket = join(folder, 'admin.sock')
  listener.listen(socket)
  await once(listener, 'listening')
  onTestFinished(() => {
    listener.close()
    for (const one of open) one.destroy()
    rmSync(folder, { recursive: true, force: true })
  })
  return { socket, commands, servers }
}
