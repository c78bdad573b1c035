/**
 * Input `attestations`: what was built from this release, and what its builders say of it. An attestation cannot lie in the very commit it speaks of, so the
 * commits that differ from the head in nothing but the evidence folder are named, too.
 */
import { timestamp } from '../../evidence/model/primitives.ts'
import { ARTIFACT_LIST_FILE, ATTESTATION_FOLDER } from '../../evidence/model/scan-record.ts'
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { baseCommit, git, headCommit, tree } from './git.ts'
import { MAX_INPUT_BYTES } from './inputs.supply-chain.ts'
import { readEntry, supplyChainSettings } from './supply-chain-settings.ts'

const MAX_FILES = 200
const MAX_SOURCES = 50
const BUNDLE = /\.(?:sigstore\.json|sigstore|jsonl)$/

export async function collectAttestations(context: CollectContext): Promise<Collected<'attestations'>> {
  const settings = await supplyChainSettings(context)
  if ('blocked' in settings) return settings
  const { workspace, repository } = context
  const head = await headCommit(workspace, context.sha)
  const entries = new Map((await tree(workspace, head)).map((entry) => [entry.path, entry]))
  const folder = `${settings.folder}/${ATTESTATION_FOLDER}/`
  const paths = [...entries.keys()].filter((path) => path.startsWith(folder) && BUNDLE.test(path)).toSorted()
  if (paths.length > MAX_FILES)
    throw new CollectError('too-large', `${folder} holds more than ${MAX_FILES} files`, 'Keep only the attestations of this release there.')
  const allowance = { left: MAX_INPUT_BYTES }
  const list = `${settings.folder}/${ARTIFACT_LIST_FILE}`
  const files = []
  for (const path of paths) files.push(await readEntry(context, path, entries.get(path), allowance))
  return {
    value: {
      at: timestamp(context.now),
      repository,
      sources: await sources(context, head, `${settings.folder}/`),
      list: entries.has(list) ? await readEntry(context, list, entries.get(list), allowance) : null,
      files,
      trustedRoot: settings.trusted_root === undefined ? null : await atBase(context, settings.trusted_root),
    },
  }
}

async function atBase(context: CollectContext, path: string) {
  const entries = await tree(context.workspace, await baseCommit(context.workspace, context.base))
  return readEntry(
    context,
    path,
    entries.find((entry) => entry.path === path),
    { left: MAX_INPUT_BYTES },
  )
}

/** The head and its first parents, as long as nothing outside the folder differs from the head. */
async function sources({ workspace }: CollectContext, head: string, folder: string): Promise<string[]> {
  const line = (await git(workspace, ['rev-list', '--first-parent', `--max-count=${MAX_SOURCES}`, head, '--'], 1 << 20)).toString('utf8')
  const equal = [head]
  for (const commit of line.split('\n').filter((each) => each !== '' && each !== head)) {
    const names = await git(workspace, ['diff', '--name-only', '--no-renames', '--no-ext-diff', '-z', commit, head, '--'], 32 << 20)
    const outside = names
      .toString('utf8')
      .split('\0')
      .filter((path) => path !== '' && !path.startsWith(folder))
    if (outside.length > 0) break
    equal.push(commit)
  }
  return equal
}
