/**
 * Spans for an OTLP receiver, when the standard variables name one (https://opentelemetry.io/docs/specs/otel/protocol/exporter/): without
 * `OTEL_EXPORTER_OTLP_ENDPOINT` nothing of OpenTelemetry is loaded. Nothing here is evidence, and nothing waits for a receiver: what cannot be sent is dropped.
 */
import type { Attributes, Watched } from './observe.ts'

export interface Watching extends Watched {
  /** Something that happened meanwhile. */
  note(name: string, attributes: Attributes): void
}

export interface ToldSpan {
  readonly name: string
  /** Epoch milliseconds. */
  readonly start: number
  readonly end: number
  readonly attributes: Attributes
  /** Why it went wrong; absent: it did not. */
  readonly error?: string
  readonly events?: readonly { readonly name: string; readonly at: number; readonly attributes: Attributes }[]
  /** The span of the release itself. */
  readonly root?: true
}

export interface Spans {
  /**
   * Below the span around it; else below the release's own.
   * @param when `busy`: told only if something was noted or done in it
   */
  within<Result>(trace: string, name: string, attributes: Attributes, work: (watching: Watching) => Result, when?: 'always' | 'busy'): Result
  /** What is over, with the times it had. */
  tell(trace: string, spans: readonly ToldSpan[]): void
  /** Sends what waits, a second at most. */
  close(): Promise<void>
}

const SILENT: Watching = { set: () => undefined, note: () => undefined }

export const NO_SPANS: Spans = { within: (_trace, _name, _attributes, work) => work(SILENT), tell: () => undefined, close: async () => undefined }

export interface SpansOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Unless `OTEL_SERVICE_NAME` says another. */
  readonly service: string
  /** Told of each batch that could not be sent. */
  readonly onFailure: (error: string) => void
}

/** Is a receiver named, and are traces wanted? */
export function wantsSpans(environment: SpansOptions['environment']): boolean {
  const named = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? ''
  return named !== '' && environment['OTEL_SDK_DISABLED'] !== 'true' && environment['OTEL_TRACES_EXPORTER'] !== 'none'
}

/** What must never be printed: the values of the headers that go to the receiver. */
export function secretsOfSpans(environment: SpansOptions['environment']): readonly string[] {
  return ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']
    .flatMap((name) => (environment[name] ?? '').split(','))
    .map((pair) => decoded(pair.slice(pair.indexOf('=') + 1).trim()))
    .filter((value) => value !== '')
}

export async function openSpans(options: SpansOptions): Promise<Spans> {
  return wantsSpans(options.environment) ? (await import('./otlp.ts')).otlpSpans(options) : NO_SPANS
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
