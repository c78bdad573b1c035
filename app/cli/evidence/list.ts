/** `evidence list`: what is kept, where, until when, held by whom, and when each copy was last read back. `--verify` reads them now: run it monthly. */
import { sha256 } from '../../../evidence/core/digest.ts'
import type { KeptPack } from '../../../evidence/keep/state.ts'
import { verifyPack } from '../../../evidence/pack/read.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import type { TrustedKey } from '../../../evidence/verify/verifier.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Action } from './action.ts'
import { answering, ARCHIVE_MEANING, ARCHIVE_OPTIONS, archiveOf } from './archive.ts'
import { publicKeyOf } from './files.ts'

function rowOf(kept: KeptPack): readonly string[] {
  const { pack, purge, holds } = kept
  const state =
    purge === null
      ? holds.length > 0
        ? `held (${holds.map((hold) => `${hold.id} by ${hold.by.name}`).join(', ')})`
        : 'kept'
      : purge.done === null
        ? 'purging'
        : 'purged'
  const copies = kept.copies.map(
    ({ store, verified }) => `${store} ${verified === null ? '(never read back)' : `(${verified.ok ? 'whole' : 'NOT WHOLE'} ${verified.at})`}`,
  )
  return [pack.sha256.slice(0, 16), `${pack.repository} ${pack.version}`, String(pack.seal), kept.class, kept.until, state, copies.join(', ')]
}

function dataOf({ pack, copies, holds, request, purge, ...rest }: KeptPack): object {
  return {
    ...pack,
    class: rest.class,
    until: rest.until,
    reads: rest.reads,
    holds,
    copies,
    request:
      request === null
        ? null
        : { id: request.id, reason: request.reason, by: request.by, at: request.at, approved_by: request.approvals.map((one) => one.by) },
    purge,
  }
}

/** '' when the pack's own digest and, with keys, everything in it holds. */
function lookWith(keys: readonly TrustedKey[], digest: string): (bytes: Uint8Array) => string {
  return (bytes) => {
    if (sha256(bytes) !== digest) return 'it has another digest'
    if (keys.length === 0) return ''
    const answer = verifyPack({ zip: bytes, trust: trustOf({ keys }) })
    return answer.ok
      ? ''
      : `it does not verify: ${answer.errors
          .slice(0, 3)
          .map((error) => `${error.code} ${error.path}`)
          .join(', ')}`
  }
}

export const list: Action = {
  name: 'list',
  usage: '--operator=FILE [--verify [--key=FILE]]',
  examples: [
    ['release-conductor evidence list --operator=operator.yml', 'what is kept, where, until when, and who holds it'],
    [
      'release-conductor evidence list --operator=operator.yml --verify --key=jobs.pub --key=app.pub',
      'reads every copy back, verifies it, and writes down how it was; exit code 1 when one is not whole',
    ],
  ],
  options: { ...ARCHIVE_OPTIONS, verify: { type: 'boolean' }, key: { type: 'string', multiple: true } },
  meaning: { ...ARCHIVE_MEANING, verify: 'read every copy back now', key: 'public key that may sign; repeat it for each' },
  words: { least: 0, most: 0 },
  run: (call) =>
    answering(async () => {
      const { archive, keeping } = await archiveOf(call)
      const keys = await Promise.all(call.texts('key').map((each) => publicKeyOf(call, each)))
      const wrong: string[] = []
      if (call.flag('verify'))
        for (const kept of (await archive.log.read()).packs.values()) {
          if (kept.purge !== null) continue
          for (const pending of await keeping.settle(archive, kept.pack.sha256))
            wrong.push(`${kept.pack.sha256.slice(0, 16)} ${pending.store}: ${pending.message}`)
          for (const one of await keeping.verifyCopies(archive, kept, lookWith(keys, kept.pack.sha256)))
            if (!one.ok) wrong.push(`${kept.pack.sha256.slice(0, 16)} ${one.store}: ${one.what}`)
        }
      const packs = [...(await archive.log.read()).packs.values()]
      const shown =
        packs.length === 0 ? 'Nothing is kept here yet.' : table(['pack', 'release', 'seal', 'class', 'until', 'state', 'copies'], packs.map(rowOf))
      return {
        exit: wrong.length === 0 ? EXIT.ok : EXIT.no,
        text: wrong.length === 0 ? shown : `${shown}\n\nNot whole:\n${wrong.join('\n')}`,
        data: { ok: wrong.length === 0, packs: packs.map(dataOf), wrong },
      }
    }),
}
