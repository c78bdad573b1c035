/** `evidence verify`: packs and public keys in; every fault or a report of each out, and of several whether they follow each other. */
import { verifyArchive, verifyPack } from '../../../evidence/pack/read.ts'
import type { PackAnswer, PackQuestion } from '../../../evidence/pack/read.ts'
import { PACK_CAPS, scanZip } from '../../../evidence/pack/zip.ts'
import { CliError } from '../error.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call } from '../verb.ts'
import type { Action } from './action.ts'
import { openArchiveFile } from './archive-file.ts'
import { chainAnswer, chainPack, type Asked } from './chain.ts'
import { bytesOf, fileOf } from './files.ts'
import { logAnswer } from './rekor.ts'
import type { ReplayAnswer, replayAnswer } from './replay.ts'
import { TRUST_MEANING, TRUST_OPTIONS, trustOfCall } from './trust.ts'

/** As much as a pack may unpack to: a larger file is none. */
const MAX_PACK = PACK_CAPS.totalBytes

async function run(call: Call): Promise<Answer> {
  const files = call.words.slice(1)
  const trusted = await trustOfCall(call)
  if (files.length > 1 && (call.flag('rekor') || call.text('log-bundle') !== undefined))
    throw new CliError('usage', 'The transparency log is asked about one pack at a time.', 'Leave out --rekor, or name one pack.')
  const version = call.text('version')
  const question = { ...trusted, ...(version === undefined ? {} : { expect: { version } }) }
  const [only] = files
  if (only !== undefined && files.length === 1 && !wantsContent(call)) return verdictOf(call, only, question)
  const asked: Asked[] = []
  for (const file of files) asked.push(await ask(call, question, file))
  const [first] = asked
  return first !== undefined && asked.length === 1 ? first.answer : chainAnswer(asked)
}

type Question = Omit<PackQuestion, 'zip'>

function wantsContent(call: Call): boolean {
  return call.flag('replay') || call.flag('rekor') || call.text('log-bundle') !== undefined
}

async function verdictOf(call: Call, file: string, question: Question): Promise<Answer> {
  using archive = openArchiveFile(await fileOf(call, file, MAX_PACK, 'pack'))
  return told(file, await verifyArchive({ archive, ...question }))
}

/** Whoever asks for more than the verdict gets it of the very bytes that were verified. */
async function ask(call: Call, question: Question, file: string): Promise<Asked> {
  const zip = await bytesOf(call, file, MAX_PACK, 'pack')
  const answer = verifyPack({ zip, ...question })
  const verified = told(file, answer)
  const files = scanZip(zip).files ?? new Map<string, Uint8Array>()
  const { trust, packTrust = trust } = question
  const logged = await logOf(call, { files, trust: packTrust })
  const held = logged === null ? verified : also(verified, logged)
  const said = call.flag('replay') ? both(held, await replayed({ trust, packTrust, files })) : held
  return { file, answer: said, pack: answer.ok ? chainPack(file, answer.report, files) : null }
}

/** Every agent, gate and picture is behind this: it is loaded when it is asked for. */
async function replayed(of: Parameters<typeof replayAnswer>[0]): Promise<ReplayAnswer> {
  const { replayAnswer } = await import('./replay.ts')
  return replayAnswer(of)
}

function told(file: string, answer: PackAnswer): Answer {
  return answer.ok ? good(file, answer.report) : bad(file, answer.errors)
}

/** null when nobody asked for the log. */
async function logOf(call: Call, of: Parameters<typeof logAnswer>[1]): Promise<Answer | null> {
  if (call.flag('rekor')) return logAnswer(call, of)
  if (call.text('log-bundle') === undefined) return null
  throw new CliError('usage', '--log-bundle is for --rekor.', 'Add --rekor.')
}

/** A pack that is not in the log is no better than one that does not verify, when the log is asked for. */
function also(verified: Answer, logged: Answer): Answer {
  const exit = verified.exit === EXIT.ok ? logged.exit : verified.exit
  return { exit, text: `${verified.text}\n\n${logged.text}`, data: { ...(verified.data as object), ok: exit === EXIT.ok, log: logged.data } }
}

/** A pack that does not verify is wrong whatever its replay says; the replay still names what was changed. */
function both(verified: Answer, replay: ReplayAnswer): Answer {
  const data = { ...(verified.data as object), ok: verified.exit === EXIT.ok && replay.exit === EXIT.ok, replay: replay.data }
  return { exit: verified.exit === EXIT.ok ? replay.exit : verified.exit, text: `${verified.text}\n\n${replay.text}`, data }
}

function good(file: string, report: Extract<PackAnswer, { ok: true }>['report']): Answer {
  const { manifest } = report
  const rows = [
    ['pack', `sha256 ${report.sha256}`],
    ['release', `${manifest.version} of ${manifest.repository} (${manifest.repository_id})`],
    ['commit', `${manifest.commits.head}, on ${manifest.commits.base}`],
    ['outcome', `${manifest.outcome}, seal ${manifest.seal}, ${manifest.sealed_at}`],
    ['decision', report.decision],
    [
      'gates',
      Object.entries(report.gates)
        .map(([gate, verdict]) => `${gate} ${verdict}`)
        .join(', '),
    ],
    ['ledger', `${manifest.ledger.entries} entries, root ${manifest.ledger.root}`],
    ['statements', `${report.attestations.length}, by ${[...new Set(report.attestations.map((each) => each.signer))].join(', ')}`],
    ['sealed by', report.signer],
  ]
  return {
    exit: EXIT.ok,
    text: `${file}: every entry, signature and link holds.\n${table(['', ''], rows).trimStart()}`,
    data: { ok: true, ...report },
  }
}

function bad(file: string, errors: Extract<PackAnswer, { ok: false }>['errors']): Answer {
  const rows = errors.map(({ code, path, message }) => [code, path, message])
  return {
    exit: EXIT.no,
    text: `${file} does not verify:\n${table(['code', 'entry', 'what'], rows)}\nDo not rely on it. Get it again from the release, and check that the keys are the right ones.`,
    data: { ok: false, errors },
  }
}

export const verify: Action = {
  name: 'verify',
  usage:
    '<evidence.zip>... (--key=FILE | --workflow=REF@COMMIT --trusted-root=FILE)... [--pack-key=FILE] [--issuer=URL] [--version=vX.Y.Z] [--replay] [--rekor [--log-bundle=FILE]]',
  examples: [
    ['release-conductor evidence verify evidence.zip --key=release-key.pub', 'asks nobody, needs no network; exit code 0 only when everything holds'],
    ['release-conductor evidence verify evidence.zip --key=jobs.pub --pack-key=app.pub', 'the jobs may sign statements, only the App the manifest'],
    [
      'release-conductor evidence verify evidence.zip --pack-key=app.pub --trusted-root=trusted_root.json --workflow=release-conductor/release-conductor/.github/workflows/conduct.yml@0123456789abcdef0123456789abcdef01234567',
      'the jobs signed without a key: with the identity of this workflow at this commit',
    ],
    ['release-conductor evidence verify 1.zip 2.zip 3.zip --key=release-key.pub', 'each of them, and that each follows the one before; in any order'],
    ['release-conductor evidence verify evidence.zip --key=release-key.pub --replay', 'computes everything again and names the gate that differs'],
  ],
  options: {
    ...TRUST_OPTIONS,
    version: { type: 'string' },
    replay: { type: 'boolean' },
    rekor: { type: 'boolean' },
    'log-bundle': { type: 'string' },
  },
  meaning: {
    ...TRUST_MEANING,
    version: 'the release the pack should be of',
    rekor: 'demands an entry of the signature in a transparency log that the trusted root names',
    'log-bundle': 'the signature with its entry, evidence.sigstore.json of the release; default the one inside the pack, which has none',
    replay: 'computes everything again from the pack, pictures included; exit code 1 when something differs, 3 when something cannot be computed',
  },
  words: { least: 1, most: 200 },
  run,
}
