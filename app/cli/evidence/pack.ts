/** `evidence pack`: the folder of an opened pack -> the very pack again, the same bytes with the same signature, or what in the folder is not as it was. */
import { resolve } from 'node:path'
import { packAgain } from '../../../evidence/pack/again.ts'
import { MANIFEST } from '../../../evidence/pack/layout.ts'
import { CliError } from '../error.ts'
import { table } from '../output.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call } from '../verb.ts'
import type { Action } from './action.ts'
import { writeNew } from './files.ts'
import { openedFolder } from './opened.ts'

async function run(call: Call): Promise<Answer> {
  const [, folder = ''] = call.words
  const out = resolve(call.io.cwd, call.text('out') ?? `${folder.replace(/[/\\]+$/, '')}.zip`)
  const files = await openedFolder(resolve(call.io.cwd, folder), folder)
  if (!files.has(MANIFEST))
    throw new CliError(
      'usage',
      `${folder} is no opened pack: it has no ${MANIFEST}. A pack holds signed statements, approvals and the ledger of a release, and no local run has those.`,
      'Only the App makes packs. Take one from the GitHub release or artifacts_dir, and unzip it into a folder of its own.',
    )
  const built = await packAgain(files)
  if ('zip' in built) {
    await writeNew(out, built.zip, 0o644)
    const { zip, sha256, manifest } = built
    return {
      exit: EXIT.ok,
      text: `${folder} is pack ${manifest.seal} of ${manifest.version} of ${manifest.repository}, packed as it was sealed.\nPack: ${out}, ${zip.length} bytes, sha256 ${sha256}\nWho sealed it was not asked: \`release-conductor evidence verify\` does that, with a key.`,
      data: { ok: true, pack: out, sha256, size: zip.length, version: manifest.version, repository: manifest.repository, seal: manifest.seal },
    }
  }
  const errors = built.map(({ code, path, message }) => ({ code, path, message }))
  return {
    exit: EXIT.no,
    text: `${folder} is not the pack it was, and nothing was written:\n${table(
      ['code', 'entry', 'what'],
      errors.map(({ code, path, message }) => [code, path, message]),
    )}`,
    data: { ok: false, errors },
  }
}

export const pack: Action = {
  name: 'pack',
  usage: '<folder> [--out=FILE]',
  examples: [
    [
      'release-conductor evidence pack opened --out=again.zip',
      'the folder of an unzipped pack: the same bytes and signature again, or what is not as it was. It makes no new pack: only the App has what goes into one',
    ],
  ],
  options: { out: { type: 'string' } },
  meaning: { out: 'pack to write, which must not be there yet; default <folder>.zip' },
  words: { least: 1, most: 1 },
  run,
}
