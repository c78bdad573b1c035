/** Where the ledger of a whole release is kept outside the store, from the pull request to the end, and that each place agrees with the packs. */
import { describe, expect, test } from 'vitest'
import { checkCheckpoint, openCheckpoint, originOf, treeOfLines } from '../../../evidence/ledger/checkpoint.ts'
import { checkGrowth } from '../../../evidence/ledger/consistency.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import type { Effect } from '../../../app/release/ports.ts'
import { KEY } from '../../support/release.ts'
import { NOTARY } from '../../support/release-ports.ts'
import { APP, sealedRelease } from '../../support/sealed-release.ts'

const KEYS = [APP, NOTARY]

/** The checkpoint in the text or the payload of what was written, and where. */
function kept(done: readonly Effect[]): { readonly where: string; readonly note: string }[] {
  return done.flatMap((effect) => {
    const said =
      effect.kind === 'check.update'
        ? effect.output.text
        : effect.kind === 'release.publish' || effect.kind === 'issue.open'
          ? effect.body
          : effect.kind === 'deployment.create'
            ? `\`\`\`text\n${String(effect.payload['checkpoint'])}\`\`\``
            : ''
    const note = /```text\n(.+?)\n?```/s.exec(said ?? '')?.[1]
    return note === undefined ? [] : [{ where: effect.kind, note: `${note}\n` }]
  })
}

describe.each([
  ['that reached everybody', 0, 'release.publish'],
  ['that was taken back', 0.5, 'issue.open'],
])('a release %s', (_name, share, last) => {
  test('left its checkpoints with GitHub, all positions of the ledger in its last pack', async () => {
    const { world, packs } = await sealedRelease({ share })
    const files = readZip(packs.get(2) ?? new Uint8Array())
    const log = { origin: originOf(KEY), tree: treeOfLines(files.get('audit/ledger.jsonl') ?? new Uint8Array()) }
    const notes = kept(world.done)
    expect(new Set(notes.map(({ where }) => where))).toEqual(new Set(['check.update', 'deployment.create', last]))
    for (const { note } of notes) checkCheckpoint(log, openCheckpoint(Buffer.from(note), KEYS).checkpoint)
    const final = files.get('audit/checkpoint.txt') ?? new Uint8Array()
    expect(notes.findLast(({ where }) => where === last)?.note).toBe(Buffer.from(final).toString())
    const { from } = checkGrowth(files.get('audit/consistency.json') ?? new Uint8Array(), openCheckpoint(final, KEYS).checkpoint)
    expect(new Set(from.map(({ kept_in }) => kept_in))).toEqual(new Set(['check-run', 'pack']))
  })
})
