/** Where an archive lies: in memory, on a disk, anywhere that gives a range of bytes. */
export interface Archive {
  /** Bytes. */
  readonly size: number
  /** @returns the bytes of this range, good until the next read @throws whatever the place throws; fewer bytes than asked for is its mistake */
  read(from: number, to: number): Uint8Array | Promise<Uint8Array>
}
