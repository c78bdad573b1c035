/** The files of a large release, the same bytes each time: 400 reports of 100 kB, 80 logs of 512 kB, 20 archives of 5.6 MB; 193 MB in all. */
import { createCipheriv } from 'node:crypto'

const KILOBYTE = 1000

/** Path -> bytes, one after the other. */
export function* corpus(seed = 1): Generator<readonly [path: string, bytes: Uint8Array]> {
  const next = randomOf(seed)
  for (let at = 0; at < 400; at += 1) yield [`reports/check-${serial(at)}.json`, report(next, 100 * KILOBYTE)]
  for (let at = 0; at < 80; at += 1) yield [`reports/job-${serial(at)}.log`, log(next, 512 * KILOBYTE)]
  for (let at = 0; at < 20; at += 1) yield [`reports/build-${serial(at)}.tar.gz`, noise(seed + at, 5600 * KILOBYTE)]
}

function serial(at: number): string {
  return String(at).padStart(3, '0')
}

type Random = (below: number) => number

/** xorshift32 */
function randomOf(seed: number): Random {
  let state = seed | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const RULES = ['no-floating-promises', 'no-unused-vars', 'prefer-const', 'no-shadow', 'eqeqeq', 'no-unsafe-argument', 'require-await'] as const
const FOLDERS = ['src/cart', 'src/checkout', 'src/catalogue', 'src/search', 'src/account', 'packages/money', 'packages/log'] as const
const WORDS = ['promise', 'value', 'is', 'never', 'used', 'returned', 'the', 'outer', 'scope', 'compared', 'argument', 'of', 'type', 'any'] as const
const ROUTES = ['/api/cart', '/api/checkout', '/api/search', '/healthz', '/api/account/orders'] as const

const pick = <Item>(next: Random, from: readonly [Item, ...Item[]]): Item => from[next(from.length)] ?? from[0]
const hex = (next: Random): string => (next(2 ** 31) + 2 ** 31).toString(16)

function report(next: Random, size: number): Uint8Array {
  const entry = (): string => {
    const message = Array.from({ length: 6 + next(6) }, () => pick(next, WORDS)).join(' ')
    const file = `${pick(next, FOLDERS)}/${pick(next, WORDS)}-${next(40)}.ts`
    return JSON.stringify({
      rule: pick(next, RULES),
      severity: next(4) === 0 ? 'error' : 'warning',
      file,
      line: next(900),
      message,
      id: hex(next) + hex(next),
    })
  }
  return filled(size, '[', entry, ',\n')
}

function log(next: Random, size: number): Uint8Array {
  let at = Date.parse('2026-11-22T18:30:00.000Z')
  const line = (): string => {
    at += next(40)
    return `${new Date(at).toISOString()} INFO  worker-${next(8)} GET ${pick(next, ROUTES)} 200 ${next(90)} ms request=${hex(next)}`
  }
  return filled(size, '', line, '\n')
}

function filled(size: number, head: string, piece: () => string, separator: string): Uint8Array {
  const pieces = [head + piece()]
  for (let length = head.length; length < size; length += (pieces.at(-1)?.length ?? 0) + separator.length) pieces.push(piece())
  return Buffer.from(pieces.join(separator)).subarray(0, size)
}

/** What no deflate shrinks. */
function noise(seed: number, size: number): Uint8Array {
  const key = Buffer.alloc(16)
  key.writeUInt32LE(seed)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}
