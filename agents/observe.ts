/** A part of a run that somebody may watch: named, with what is worth knowing of it. The watcher changes nothing of what comes out. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface Watched {
  /** What became of it. */
  set(attributes: Attributes): void
}

export type Observe = <Result>(name: string, attributes: Attributes, work: (watched: Watched) => Result) => Result

export const unobserved: Observe = (_name, _attributes, work) => work({ set: () => undefined })
