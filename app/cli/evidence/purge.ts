/** `evidence purge`: one person asks, two others approve, then it runs. Each signs with the key the operator's file gives them. */
import { createPublicKey } from 'node:crypto'
import { KeepError } from '../../../evidence/keep/error.ts'
import { purgePlan } from '../../../evidence/keep/purge.ts'
import { keyHint } from '../../../evidence/core/key-hint.ts'
import { localKeySigner } from '../../../evidence/sign/local-key.ts'
import { SignError } from '../../../evidence/sign/error.ts'
import type { Signer } from '../../../evidence/sign/signer.ts'
import { CliError } from '../error.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call } from '../verb.ts'
import type { Action } from './action.ts'
import {
  ACTOR_MEANING,
  ACTOR_OPTIONS,
  actorOf,
  answering,
  ARCHIVE_MEANING,
  ARCHIVE_OPTIONS,
  archiveOf,
  digestMeant,
  reasonOf,
  titleOf,
  type OpenArchive,
} from './archive.ts'
import { bytesOf } from './files.ts'

const STEPS = ['plan', 'request', 'approve', 'run'] as const
const MAX_KEY = 16 << 10

/** The person whose key this is, by the operator's file. @throws KeepError `unsigned`, `bad-signature`; CliError */
async function personOf(
  call: Call,
  archive: OpenArchive,
): Promise<{ readonly signer: Signer; readonly actor: { readonly name: string; readonly how: 'key' } }> {
  const file = call.text('sign-with')
  if (file === undefined) throw new KeepError('unsigned', 'this act counts only when it is signed: add --sign-with=YOUR-KEY.pem')
  const privateKeyPem = (await bytesOf(call, file, MAX_KEY, 'private key')).toString('utf8')
  try {
    const hint = keyHint(createPublicKey(privateKeyPem))
    const person = archive.people.find((one) => keyHint(createPublicKey(one.publicKeyPem)) === hint)
    if (person === undefined) throw new KeepError('bad-signature', `${file} is the key of nobody under retention.people of the operator file`)
    return { signer: localKeySigner({ id: person.id, privateKeyPem }), actor: { name: person.id, how: 'key' } }
  } catch (error) {
    if (error instanceof KeepError) throw error
    const what = error instanceof SignError ? error.message : 'it cannot be read'
    // The cause is dropped on purpose: it must never carry a part of the key.
    throw new CliError('usage', `${file} is no private key that can sign: ${what}.`, 'Make one: release-conductor keys generate')
  }
}

async function plan(archive: OpenArchive, now: number): Promise<Answer> {
  const { due, kept } = purgePlan((await archive.log.read()).packs, now)
  const rows = [
    ...due.map(({ pack, next }) => [pack.pack.sha256.slice(0, 16), titleOf(pack), `next: ${next}`]),
    ...kept.map(({ pack, why }) => [pack.pack.sha256.slice(0, 16), titleOf(pack), `${why.code}: ${why.message}`]),
  ]
  return {
    exit: EXIT.ok,
    text: rows.length === 0 ? 'Nothing is kept here yet.' : table(['pack', 'release', 'may it go'], rows),
    data: {
      ok: true,
      due: due.map(({ pack, next }) => ({ pack: pack.pack.sha256, until: pack.until, next })),
      kept: kept.map(({ pack, why }) => ({ pack: pack.pack.sha256, until: pack.until, code: why.code, message: why.message })),
    },
  }
}

export const purge: Action = {
  name: 'purge',
  usage: '[<pack>] --operator=FILE (--plan | --request --reason=TEXT | --approve | --run) [--sign-with=KEY.pem]',
  examples: [
    ['release-conductor evidence purge --plan --operator=operator.yml', 'what may go now, and why the rest may not'],
    [
      'release-conductor evidence purge 0123456789abcdef --request --reason=retention-is-over --sign-with=carol.pem --operator=operator.yml',
      'one person asks',
    ],
    ['release-conductor evidence purge 0123456789abcdef --approve --sign-with=alice.pem --operator=operator.yml', 'two others approve'],
    [
      'release-conductor evidence purge 0123456789abcdef --run --operator=operator.yml',
      'deletes it everywhere and leaves a signed tombstone; run it again when it was interrupted',
    ],
  ],
  options: {
    ...ARCHIVE_OPTIONS,
    ...ACTOR_OPTIONS,
    plan: { type: 'boolean' },
    request: { type: 'boolean' },
    approve: { type: 'boolean' },
    run: { type: 'boolean' },
    'sign-with': { type: 'string' },
  },
  meaning: {
    ...ARCHIVE_MEANING,
    ...ACTOR_MEANING,
    plan: 'show what may go',
    request: 'ask for it; needs a reason and your key',
    approve: 'say yes; needs your key',
    run: 'do it, or go on with it',
    'sign-with': 'your private key; its public half stands under retention.people of the operator file',
  },
  words: { least: 0, most: 1 },
  run: (call) =>
    answering(async () => {
      const [step, more] = STEPS.filter((each) => call.flag(each))
      if (step === undefined || more !== undefined)
        throw new CliError('usage', 'Say what to do about purging: one of --plan, --request, --approve, --run.', 'Begin with --plan.')
      const { archive, keeping } = await archiveOf(call)
      if (step === 'plan') return plan(archive, call.io.now())
      const word = call.words[1]
      if (word === undefined) throw new CliError('usage', 'Which pack?', 'Name it by its digest; `evidence purge --plan` shows them.')
      const digest = await digestMeant(call, archive, word)
      if (step === 'request') {
        const reason = reasonOf(call)
        const request = await keeping.requestPurge(archive, digest, reason, await personOf(call, archive))
        return { exit: EXIT.ok, text: `Asked for (entry ${request}). Two other people approve it now.`, data: { ok: true, pack: digest, request } }
      }
      if (step === 'approve') {
        const approvals = await keeping.approvePurge(archive, digest, await personOf(call, archive))
        return { exit: EXIT.ok, text: `Approved; ${approvals} of 2.`, data: { ok: true, pack: digest, approvals } }
      }
      const done = await keeping.runPurge(archive, digest, await actorOf(call))
      return {
        exit: EXIT.ok,
        text: `${digest} is purged from ${done.stores.map((one) => one.store).join(', ')}. Proof: ${done.tombstone}`,
        data: { ok: true, pack: digest, ...done },
      }
    }),
}
