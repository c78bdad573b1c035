/** Newline JSON -> ticks, one after the other, each with the number of its line. */
import { CoreError } from '../../evidence/core/error.ts'
import { parseJson } from '../../evidence/core/json.ts'
import { TickLine, tickOf, type Tick } from '../../gates/judge/tick.ts'
import { LineError } from './error.ts'

const MOST_BYTES = 64 << 10

/** @throws LineError */
export async function* ticks(input: AsyncIterable<Uint8Array>): AsyncGenerator<Tick> {
  let [line, before] = [0, -Infinity]
  for await (const bytes of lines(input)) {
    line += 1
    if (bytes.length > MOST_BYTES) throw new LineError('too-large', line, `it has more than ${MOST_BYTES} bytes`)
    if (bytes.every((byte) => byte === 32 || byte === 9 || byte === 13)) continue
    const tick = tickIn(bytes, line)
    if (tick.t <= before) throw new LineError('order', line, `t is ${tick.t}, after ${before}: it must rise`)
    before = tick.t
    yield tick
  }
}

function tickIn(bytes: Uint8Array, line: number): Tick {
  let value: unknown
  try {
    value = parseJson(bytes)
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause
    throw new LineError('malformed', line, cause.message, { cause })
  }
  const read = TickLine.safeParse(value)
  if (read.success) return tickOf(read.data)
  const [issue] = read.error.issues
  const path = issue?.path.join('.') ?? ''
  throw new LineError('schema', line, `${path === '' ? '' : `${path}: `}${issue?.message ?? 'no tick'}`)
}

/** Without their ends. A line that never ends is handed out once it is too long. */
async function* lines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  for await (const piece of input) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece])
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      yield rest.subarray(0, end)
      rest = rest.subarray(end + 1)
    }
    if (rest.length > MOST_BYTES) yield rest
  }
  if (rest.length > 0) yield rest
}
