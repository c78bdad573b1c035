/** How large a pack may be: to write, and to read. */
import { RATIO } from './deflate.ts'
import type { Caps } from './zip-records.ts'

const MEBIBYTE = 1024 * 1024

/** 20,000 files and the two that sign them; 64 MiB each; 256 MiB in all, packed and unpacked. */
export const PACK_CAPS: Caps = { entries: 20_002, entryBytes: 64 * MEBIBYTE, totalBytes: 256 * MEBIBYTE, ratio: RATIO }
