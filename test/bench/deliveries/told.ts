/** What a server of this benchmark tells its parent: where it listens, and at the end what it took. */
import { z } from 'zod'

export const Listens = z.object({ url: z.url() })
/** Seconds of processor time since it listened, and resident bytes. */
export const Took = z.object({ cpu: z.number(), rss: z.number() })
export const Sent = z.object({ seconds: z.number(), accepted: z.number() })

/** The parent asks on standard input; each line is an answer, and the end of input the end. */
export function tell(url: string): void {
  let before = process.cpuUsage()
  process.stdin.on('data', (asked: Buffer) => {
    const { user, system } = process.cpuUsage(before)
    process.stdout.write(`${JSON.stringify({ cpu: (user + system) / 1e6, rss: process.memoryUsage().rss })}\n`)
    if (asked.toString().includes('again')) before = process.cpuUsage()
  })
  process.stdin.once('end', () => process.exit())
  process.stdout.write(`${JSON.stringify({ url })}\n`)
}
