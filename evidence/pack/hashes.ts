/** SHA-256 of large files on the pool of threads, while this one reads on: no more than a window of their bytes is held. */
import { webcrypto } from 'node:crypto'
import { sha256 } from '../core/digest.ts'

/** Below it, handing bytes to another thread takes longer than hashing them. */
const LARGE = 1024 * 1024
const WINDOW = 12 * 1024 * 1024

interface Slot {
  sha256: string
}

export class HashesElsewhere {
  private readonly open: { readonly size: number; readonly done: Promise<void> }[] = []
  private size = 0

  /** A digest, or a place that has it after {@link end}. The bytes are copied before this returns. */
  add(data: Uint8Array): string | Readonly<Slot> {
    if (data.length < LARGE) return sha256(data)
    const slot: Slot = { sha256: '' }
    this.open.push({ size: data.length, done: into(slot, data) })
    this.size += data.length
    return slot
  }

  /** Until less than a window is under way. */
  async room(): Promise<void> {
    while (this.size > WINDOW) await this.oldest()
  }

  async end(): Promise<void> {
    while (this.open.length > 0) await this.oldest()
  }

  private async oldest(): Promise<void> {
    const first = this.open.shift()
    if (first === undefined) return
    await first.done
    this.size -= first.size
  }
}

async function into(slot: Slot, data: Uint8Array): Promise<void> {
  slot.sha256 = Buffer.from(await webcrypto.subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>)).toString('hex')
}
