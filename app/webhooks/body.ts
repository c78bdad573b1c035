/**
 * Reads a request's body under a cap, before anything else sees it. A declared length over the cap is refused unread; an undeclared one is stopped at
 * the cap. All bodies that are being read share one budget, so many senders at once cannot fill the memory.
 */
import type { IncomingMessage } from 'node:http'

export type BodyRead = { readonly body: Buffer } | { readonly refused: 'too-large' | 'busy' | 'aborted' }

export interface BodyReader {
  read(request: IncomingMessage): Promise<BodyRead>
}

/** @param cap bytes of one body @param budget bytes of all bodies at a time */
export function bodyReader(cap: number, budget: number): BodyReader {
  let held = 0
  return {
    async read(request) {
      const declared = Number(request.headers['content-length'] ?? 0)
      if (declared > cap) return { refused: 'too-large' }
      if (held + declared > budget) return { refused: 'busy' }
      let own = 0
      const chunks: Buffer[] = []
      try {
        return await new Promise<BodyRead>((resolve) => {
          const stop = (refused: 'too-large' | 'busy' | 'aborted'): void => {
            request.off('data', take)
            request.pause()
            chunks.length = 0
            resolve({ refused })
          }
          const take = (chunk: Buffer): void => {
            own += chunk.length
            held += chunk.length
            if (own > cap) stop('too-large')
            else if (held > budget) stop('busy')
            else chunks.push(chunk)
          }
          request.on('data', take)
          request.once('end', () => resolve({ body: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks) }))
          request.once('error', () => stop('aborted'))
          request.once('close', () => resolve({ refused: 'aborted' }))
        })
      } finally {
        held -= own
      }
    },
  }
}
