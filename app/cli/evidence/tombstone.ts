/** `evidence tombstone`: verifies the proof that a pack was purged as the policy says, from public keys alone. */
import { KeepError } from '../../../evidence/keep/error.ts'
import { readTombstone } from '../../../evidence/keep/tombstone.ts'
import { CliError } from '../error.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Action } from './action.ts'
import { bytesOf, publicKeyOf } from './files.ts'

const MAX_TOMBSTONE = 1 << 20

export const tombstone: Action = {
  name: 'tombstone',
  usage: '<tombstone.sigstore.json> --key=FILE --person=NAME=FILE [--person=NAME=FILE]',
  examples: [
    [
      'release-conductor evidence tombstone tombstone.sigstore.json --key=app.pub --person=carol=carol.pub --person=alice=alice.pub --person=bob=bob.pub',
      'who asked, who approved, why, when and from where it went; asks nobody',
    ],
  ],
  options: { key: { type: 'string', multiple: true }, person: { type: 'string', multiple: true } },
  meaning: { key: 'public key that may sign; repeat it for each', person: "a person's name and public key; repeat it for each" },
  words: { least: 1, most: 1 },
  async run(call) {
    const [, file = ''] = call.words
    if (call.texts('key').length === 0 || call.texts('person').length === 0)
      throw new CliError(
        'usage',
        'A tombstone cannot vouch for itself: it needs the public keys of the App and of the people.',
        'Add --key=FILE and --person=NAME=FILE.',
      )
    const keys = await Promise.all(call.texts('key').map((each) => publicKeyOf(call, each)))
    const people = await Promise.all(call.texts('person').map((each) => publicKeyOf(call, each)))
    const report = readTombstone({ bundle: await bytesOf(call, file, MAX_TOMBSTONE, 'tombstone'), keys, people })
    if (report instanceof KeepError)
      return {
        exit: EXIT.no,
        text: `${file} proves nothing (${report.code}): ${report.message}.`,
        data: { ok: false, code: report.code, message: report.message },
      }
    const { tombstone: of, signer, digest } = report
    const rows = [
      ['pack', of.pack.sha256],
      ['release', `${of.pack.version} of ${of.pack.repository}, seal ${of.pack.seal}`],
      ['kept', `${of.keep.class}, until ${of.keep.until}`],
      ['reason', of.reason],
      ['asked', of.requested_by],
      ['approved', of.approved_by.join(', ')],
      ['deleted', `${of.purged_at}, from ${of.stores.map((one) => one.store).join(', ')}`],
      ['retention log', `${of.log.entries} entries, root ${of.log.root}`],
      ['signed by', signer],
    ]
    return {
      exit: EXIT.ok,
      text: `${file}: it was purged as the policy says.\n${table(['', ''], rows).trimStart()}`,
      data: { ok: true, digest, signer, tombstone: { ...of, request: undefined, approvals: undefined } },
    }
  },
}
