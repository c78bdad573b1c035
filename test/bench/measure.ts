/** Runs programs turn by turn, and says what each took: wall and processor time of the whole, with its children. */
import { spawn } from 'node:child_process'
import type { Bench } from './benchmark.ts'
import { median } from './row.ts'

export interface Command {
  readonly name: string
  /** For bash; `"$1"` and so on are `args`. */
  readonly script: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Not timed; undoes what a round did. */
  readonly before?: () => Promise<void>
}

export interface Took {
  /** Seconds. */
  readonly wall: number
  /** Seconds, user and system. */
  readonly cpu: number
}

export interface Measured extends Took {
  readonly name: string
  /** Standard output, round by round. */
  readonly outputs: readonly string[]
}

/** @returns medians, in the order given @throws when one of them fails */
export async function interleaved(commands: readonly Command[], { rounds, say }: Bench): Promise<readonly Measured[]> {
  const took = commands.map((): (Took & { output: string })[] => [])
  for (let round = 0; round < rounds; round += 1) {
    say(`round ${round + 1} of ${rounds}`)
    for (const [at, command] of commands.entries()) took[at]?.push(await timed(command))
  }
  return commands.map(({ name }, at) => {
    const all = took[at] ?? []
    return { name, wall: median(all.map(({ wall }) => wall)), cpu: median(all.map(({ cpu }) => cpu)), outputs: all.map(({ output }) => output) }
  })
}

/** Bash knows the times of all that a script started, and is wherever the peers are. */
async function timed({ script, args, cwd, name, before }: Command): Promise<Took & { readonly output: string }> {
  await before?.()
  const child = spawn('bash', ['-c', `TIMEFORMAT='%3R %3U %3S'; time { set -e; ${script}; }`, 'bash', ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const times = /(\d+\.\d+) (\d+\.\d+) (\d+\.\d+)\s*$/.exec(err)
  if (code !== 0 || times === null) throw new Error(`${name} ended with ${code}: ${err.slice(-2000)}`)
  return { wall: Number(times[1]), cpu: Number(times[2]) + Number(times[3]), output: out }
}
