/**
 * A native histogram as its page tells it: one delimited MetricFamily of the Prometheus protobuf format, written by hand, because the text formats have none.
 * https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */
export const NATIVE_TYPE = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'

const HISTOGRAM = 4
/** Wire types of protobuf. */
const [VARINT, DOUBLE, BYTES] = [0, 1, 2]

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  do {
    const low = left % 128
    left = Math.floor(left / 128)
    bytes.push(left > 0 ? low + 128 : low)
  } while (left > 0)
  return Buffer.from(bytes)
}
const zigzag = (value: number): Buffer => varint(value >= 0 ? value * 2 : -value * 2 - 1)
const field = (number: number, type: number, body: Buffer): Buffer => Buffer.concat([varint(number * 8 + type), body])
const nested = (number: number, body: Buffer): Buffer => field(number, BYTES, Buffer.concat([varint(body.length), body]))
function double(number: number, value: number): Buffer {
  const body = Buffer.alloc(8)
  body.writeDoubleLE(value)
  return field(number, DOUBLE, body)
}

/** @param schema so many bounds for each power of two, as a power of two @param counts of neighbouring buckets from index `from` on; bucket i ends at 2^(i / 2^schema) */
export function nativeHistogram(name: string, { schema, from, counts }: { schema: number; from: number; counts: readonly number[] }): Buffer {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const span = Buffer.concat([field(1, VARINT, zigzag(from)), field(2, VARINT, varint(counts.length))])
  const deltas = Buffer.concat(counts.map((count, at) => zigzag(count - (counts[at - 1] ?? 0))))
  const histogram = Buffer.concat([
    field(1, VARINT, varint(total)),
    double(2, 1),
    field(5, VARINT, zigzag(schema)),
    double(6, 1e-128),
    field(7, VARINT, varint(0)),
    nested(12, span),
    nested(13, deltas),
  ])
  const family = Buffer.concat([nested(1, Buffer.from(name)), field(3, VARINT, varint(HISTOGRAM)), nested(4, nested(7, histogram))])
  return Buffer.concat([varint(family.length), family])
}
