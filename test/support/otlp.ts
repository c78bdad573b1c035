/** A receiver of OTLP over HTTP that keeps what it is sent, and lets the published protobuf of OpenTelemetry read it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { ended } from './tools.ts'

/** Prints each span as a line of JSON; fails on what the published messages do not know. */
const READ = `
import base64, json, sys
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
def check(message):
    assert len(UnknownFieldSet(message)) == 0, message.DESCRIPTOR.full_name
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in (value if field.is_repeated else [value]):
                check(one)
def attributes(pairs):
    return {pair.key: str(getattr(pair.value, pair.value.WhichOneof("value") or "string_value")) for pair in pairs}
for line in sys.stdin:
    request = ExportTraceServiceRequest.FromString(base64.b64decode(line))
    check(request)
    for resource in request.resource_spans:
        service = attributes(resource.resource.attributes)["service.name"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                print(json.dumps({
                    "service": service, "name": span.name, "trace": span.trace_id.hex(), "span": span.span_id.hex(), "parent": span.parent_span_id.hex(),
                    "start": span.start_time_unix_nano / 1e6, "end": span.end_time_unix_nano / 1e6, "failed": span.status.code == 2,
                    "attributes": attributes(span.attributes), "events": [event.name for event in span.events]}))
`

const Span = z.object({
  service: z.string(),
  name: z.string(),
  trace: z.string(),
  span: z.string(),
  parent: z.string(),
  start: z.number(),
  end: z.number(),
  failed: z.boolean(),
  attributes: z.record(z.string(), z.string()),
  events: z.array(z.string()),
})
export type ReceivedSpan = z.infer<typeof Span>

export interface Receiver extends AsyncDisposable {
  readonly url: string
  spans(): Promise<readonly ReceivedSpan[]>
}

/** @param python with the package opentelemetry-proto */
export async function otlpReceiver(python: string): Promise<Receiver> {
  const bodies: Buffer[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.once('end', () => {
      if (request.url === '/v1/traces') bodies.push(Buffer.concat(parts))
      response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async spans() {
      const { code, out, err } = await ended(python, ['-c', READ], { input: bodies.map((body) => `${body.toString('base64')}\n`).join('') })
      if (code !== 0) throw new Error(`the spans cannot be read: ${err.slice(-2000)}`)
      return out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => Span.parse(JSON.parse(line)))
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
