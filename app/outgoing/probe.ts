/** One look at an operator-named address: its status, and nothing of its body. */
import type { Probed } from '../release/ports.ts'

export interface ProbeOptions {
  /** Addresses by the operator's name. */
  readonly urls: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export function noProbe(name: string): Probed {
  return { status: null, note: `no address is named ${name} in the operator's file; add it under probes` }
}

/** Never throws: what cannot be asked is null with a note. A redirect is an answer like any other and is not followed. */
export function probes({ urls, timeoutMs = 4_000 }: ProbeOptions): { look(name: string): Promise<Probed> } {
  return {
    async look(name) {
      const url = Object.hasOwn(urls, name) ? urls[name] : undefined
      if (url === undefined) return noProbe(name)
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        const response = await fetch(url, { redirect: 'manual', signal })
        await response.body?.cancel()
        return { status: response.status, note: '' }
      } catch {
        return { status: null, note: signal.aborted ? `no answer within ${timeoutMs} ms` : 'it could not be reached' }
      }
    },
  }
}
