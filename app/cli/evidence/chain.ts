/** `evidence verify` of several packs: the answer on each, then whether they follow each other. */
import { LEDGER } from '../../../evidence/pack/layout.ts'
import { checkFollows, type Chain, type ChainPack } from '../../../evidence/pack/follows.ts'
import type { PackReport } from '../../../evidence/pack/read.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Answer } from '../verb.ts'

export interface Asked {
  readonly file: string
  readonly answer: Answer
  /** null when it does not verify: such a pack is a link of nothing. */
  readonly pack: ChainPack | null
}

export function chainPack(file: string, report: PackReport, files: ReadonlyMap<string, Uint8Array>): ChainPack {
  return { name: file, sha256: report.sha256, manifest: report.manifest, ledger: files.get(LEDGER) ?? new Uint8Array() }
}

export function chainAnswer(asked: readonly Asked[]): Answer {
  const packs = asked.flatMap(({ pack }) => pack ?? [])
  const chain = packs.length === asked.length ? checkFollows(packs) : null
  const exits = [...asked.map(({ answer }) => answer.exit), ...(chain?.ok === false ? [EXIT.no] : [])]
  const exit = exits.find((one) => one === EXIT.no) ?? exits.find((one) => one !== EXIT.ok) ?? EXIT.ok
  const data = { ok: exit === EXIT.ok, packs: asked.map(({ file, answer }) => ({ file, ...(answer.data as object) })), chain: chain && jsonOf(chain) }
  return { exit, text: [...asked.map(({ answer }) => answer.text), textOf(chain, asked)].join('\n\n'), data }
}

function textOf(chain: Chain | null, asked: readonly Asked[]): string {
  if (chain === null) {
    const bad = asked.flatMap(({ file, pack }) => (pack === null ? file : []))
    return `Whether they follow each other was not asked: ${bad.join(', ')} ${bad.length === 1 ? 'does' : 'do'} not verify.`
  }
  const { links, errors } = chain
  if (!chain.ok) {
    const rows = errors.map(({ code, name, message }) => [code, name, message])
    return `These packs do not follow each other:\n${table(['code', 'pack', 'what'], rows)}\nDo not rely on the history they tell together. Get them again from where they are kept.`
  }
  const rows = links.map(({ seal, name, outcome, sealed_at, entries, sha256 }) => [String(seal), name, outcome, sealed_at, String(entries), sha256])
  const first = links[0]?.seal ?? 1
  return [
    'These packs follow each other, and their ledger only grew:',
    table(['number', 'pack', 'outcome', 'sealed', 'entries', 'sha256'], rows),
    ...(first === 1 ? [] : [`Number ${first - 1} and before were not given.`]),
    'Whether there is a later one, these cannot say: the release or its incident names the newest.',
  ].join('\n')
}

function jsonOf({ ok, links, errors }: Chain): object {
  return {
    ok,
    links: links.map(({ name, ...link }) => ({ file: name, ...link })),
    errors: errors.map(({ code, name, message }) => ({ code, file: name, message })),
  }
}
