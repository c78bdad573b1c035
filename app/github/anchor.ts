/** A signed checkpoint of a ledger as people see it on GitHub: a place where the store cannot take it back. */

/** @param note as a notary signed it: it holds an origin, numbers and base64, and nothing from outside */
export function anchorText(note: string): string {
  return [
    '**Ledger.** These lines are where the audit ledger of this release stood. Whoever keeps them finds a cut tail and a rewritten history later: save them as a file, and run `release-conductor audit verify evidence.zip --checkpoint=FILE --checkpoint-key=app.pub`.',
    '',
    '```text',
    note.trimEnd(),
    '```',
  ].join('\n')
}
