/** The tables of docs/specialists.md, made again: what we and the specialists see of the same files today is what the page tells. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { differencesOf } from '../bench/specialists/compare.ts'
import { PAGE, sectionIn, sectionOf, shown } from '../bench/specialists/page.ts'
import { PARTS } from '../bench/specialists/parts.ts'
import { tool } from '../support/tools.ts'

/** It downloads; RC_TOOLS says that this is wanted. */
const GO = process.env['RC_TOOLS'] === undefined ? null : tool('go')

describe.skipIf(GO === null)('beside the specialists (skipped without RC_TOOLS: it fetches public projects)', () => {
  test.each(PARTS)('$topic: $specialist', { timeout: 600_000 }, async (part) => {
    const seen = await shown(part)
    const unexplained = differencesOf(seen.compared, part.explained).filter(({ reason }) => reason === null)
    expect(unexplained).toEqual([])
    expect(sectionIn(readFileSync(PAGE, 'utf8'), part)).toBe(sectionOf(part, seen))
  })
})
