/** One command to HAProxy's stats socket and its whole answer, bounded in time and bytes. No shell, and nothing is kept open. */
import { connect } from 'node:net'
import { RouterError } from './router.ts'

const MAX_ANSWER = 1024 * 1024

export type SocketAddress = { readonly path: string } | { readonly host: string; readonly port: number }

/** `/run/haproxy/admin.sock`, `tcp://127.0.0.1:9999`, `tcp://[::1]:9999` -> where to connect. @throws RouterError `invalid` */
export function socketAddress(text: string): SocketAddress {
  if (text.startsWith('/') && text.length <= 107 && !text.includes('\0')) return { path: text }
  const match = /^tcp:\/\/(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || !(port >= 1 && port <= 65_535))
    throw new RouterError(
      'invalid',
      `HAProxy's socket is a path such as /run/haproxy/admin.sock, or tcp://127.0.0.1:9999, not ${JSON.stringify(text)}.`,
    )
  return { host, port }
}

function nameOf(address: SocketAddress): string {
  return 'path' in address ? address.path : `${address.host}:${address.port}`
}

/**
 * @param command one line
 * @param timeoutMs until the whole answer is there
 * @throws RouterError `unreachable` (no connection, or one that ends or stays silent without an answer), `malformed` (over 1 MiB)
 */
export function ask(address: SocketAddress, command: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(address)
    const chunks: Buffer[] = []
    let size = 0
    const fail = (code: 'unreachable' | 'malformed', why: string, cause?: unknown): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(new RouterError(code, `HAProxy at ${nameOf(address)} ${why}. Its weights are unknown.`, { cause }))
    }
    const timer = setTimeout(() => fail('unreachable', `did not answer in ${Math.round(timeoutMs)} ms`), timeoutMs)
    socket.on('connect', () => socket.write(`${command}\n`))
    socket.on('data', (chunk) => {
      size += chunk.length
      if (size > MAX_ANSWER) fail('malformed', `answers more than ${MAX_ANSWER} bytes`)
      else chunks.push(chunk)
    })
    socket.on('error', (error) => fail('unreachable', `cannot be asked (${(error as NodeJS.ErrnoException).code ?? error.message})`, error))
    socket.on('end', () => {
      if (size === 0) return fail('unreachable', 'ended the connection without an answer')
      clearTimeout(timer)
      resolve(Buffer.concat(chunks).toString('utf8'))
    })
  })
}
