/** Answers kept with their ETag: GitHub answers 304 for free when nothing changed. Bounded in entries and bytes; the least recently used goes first. */

export interface KeptAnswer {
  readonly etag: string
  readonly data: unknown
  readonly link: string | undefined
  readonly bytes: number
}

export class EtagCache {
  readonly #kept = new Map<string, KeptAnswer>()
  readonly #maxEntries: number
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries
    this.#maxBytes = maxBytes
  }

  get(key: string): KeptAnswer | undefined {
    const found = this.#kept.get(key)
    if (found === undefined) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, found)
    return found
  }

  set(key: string, answer: KeptAnswer): void {
    this.#drop(key)
    if (answer.bytes > this.#maxBytes) return
    this.#kept.set(key, answer)
    this.#bytes += answer.bytes
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) break
      this.#drop(oldest)
    }
  }

  get size(): number {
    return this.#kept.size
  }

  #drop(key: string): void {
    const found = this.#kept.get(key)
    if (found === undefined) return
    this.#kept.delete(key)
    this.#bytes -= found.bytes
  }
}
