/** Spans by the SDK of OpenTelemetry: batches over HTTP in protobuf. Loaded only when a receiver is named. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { ROOT_CONTEXT, SpanStatusCode, trace as api, TraceFlags, type Context, type Span, type Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider, type IdGenerator, type SpanExporter } from '@opentelemetry/sdk-trace'
import { rootSpanOf } from '../evidence/model/trace.ts'
import type { Spans, SpansOptions, Watching } from './spans.ts'

const CLOSE_MS = 1_000
/** Of texts, which may come from outside. */
const LONGEST = 2_000
const SEND_MS = 5_000

interface Around {
  readonly context: Context
  busy: boolean
}

export function otlpSpans({ environment, service, onFailure }: SpansOptions): Spans {
  const { tracer, ids, close } = exporting({ service: environment['OTEL_SERVICE_NAME'] ?? service, onFailure })
  const around = new AsyncLocalStorage<Around>()

  return {
    within(trace, name, attributes, work, when = 'always') {
      const outer = around.getStore()
      if (outer !== undefined && when === 'always') outer.busy = true
      const parent = outer?.context ?? belowRoot(trace)
      const span = tracer.startSpan(name, { attributes }, parent)
      const inner: Around = { context: api.setSpan(parent, span), busy: when === 'always' }
      const end = (error?: unknown): void => {
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) })
        if (inner.busy || error !== undefined) span.end()
      }
      return around.run(inner, () => {
        try {
          const result = work(watching(span, inner))
          if (!(result instanceof Promise)) end()
          return result instanceof Promise ? (ended(result, end) as typeof result) : result
        } catch (error) {
          end(error)
          throw error
        }
      })
    },
    tell(trace, spans) {
      // As dates: a number before the start of the process would be read as one since it.
      for (const { name, start, end, attributes, error, events = [], root } of spans) {
        ids.next = root === true ? { trace, span: rootSpanOf(trace) } : null
        const span = tracer.startSpan(name, { startTime: new Date(start), attributes }, root === true ? ROOT_CONTEXT : belowRoot(trace))
        ids.next = null
        for (const event of events) span.addEvent(event.name, event.attributes, new Date(event.at))
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error })
        span.end(new Date(end))
      }
    },
    close: () => close(CLOSE_MS),
  }
}

function belowRoot(trace: string): Context {
  return api.setSpanContext(ROOT_CONTEXT, { traceId: trace, spanId: rootSpanOf(trace), traceFlags: TraceFlags.SAMPLED, isRemote: true })
}

function watching(span: Span, around: Around): Watching {
  return {
    set: (attributes) => void span.setAttributes(attributes),
    note(name, attributes) {
      around.busy = true
      span.addEvent(name, attributes)
    },
  }
}

async function ended<Result>(result: Promise<Result>, end: (error?: unknown) => void): Promise<Result> {
  try {
    const value = await result
    end()
    return value
  } catch (error) {
    end(error)
    throw error
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 1000)
}

/** Ids by chance, but for the next span when somebody says which. */
class Ids implements IdGenerator {
  next: { readonly trace: string; readonly span: string } | null = null
  readonly #random = new RandomIdGenerator()

  generateTraceId(): string {
    return this.next?.trace ?? this.#random.generateTraceId()
  }

  generateSpanId(): string {
    return this.next?.span ?? this.#random.generateSpanId()
  }
}

function exporting(of: { readonly service: string; readonly onFailure: (error: string) => void }): {
  readonly tracer: Tracer
  readonly ids: Ids
  readonly close: (ms: number) => Promise<void>
} {
  const ids = new Ids()
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': of.service }))
      .merge(detectResources({ detectors: [envDetector] })),
    idGenerator: ids,
    spanLimits: { attributeValueLengthLimit: LONGEST },
    spanProcessors: [new BatchSpanProcessor({ exporter: telling(new OTLPTraceExporter({ timeoutMillis: SEND_MS }), of.onFailure) })],
  })
  return {
    tracer: provider.getTracer('release-conductor'),
    ids,
    async close(ms) {
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(), ms)
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        new Promise<void>((resolve) => {
          late.signal.addEventListener('abort', () => resolve())
        }),
      ])
      clearTimeout(timer)
    },
  }
}

function telling(exporter: SpanExporter, onFailure: (error: string) => void): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error !== undefined) onFailure(result.error.message)
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}
