/** Ports that stay ours: below the range the kernel hands out by itself, so nobody's `port 0` takes one while a slot restarts. */
import { once } from 'node:events'
import { createServer } from 'node:net'

const [FROM, TO] = [18_000, 30_000]

async function free(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

/** @returns that many different free ports of 127.0.0.1 */
export async function fixedPorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>()
  for (let tries = 0; found.size < count && tries < 1000; tries += 1) {
    const port = FROM + Math.floor(Math.random() * (TO - FROM))
    if (await free(port)) found.add(port)
  }
  if (found.size < count) throw new Error(`No ${count} free ports between ${FROM} and ${TO}.`)
  return [...found]
}
