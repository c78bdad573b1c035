/** `init --detect`: a first config from what the repository holds, written once, and never over one that is there. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { keepYoungHeapSmall } from '../../../agents/young-heap.ts'
import { parseConfig } from '../../../evidence/config/parse.ts'
import { CONFIG_PATH } from '../../../evidence/model/config.ts'
import { gatePolicies } from '../../../gates/index.ts'
import { CliError } from '../error.ts'
import { git, repositoryName } from '../repository.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call } from '../verb.ts'
import { declarationsOf, detectedConfig } from './config-text.ts'
import { lookThrough } from './look.ts'

const WHO = /^@[A-Za-z0-9][A-Za-z0-9-]*(?:\/[A-Za-z0-9._-]+)?$/

/** @param top root of the checkout @param base branch whose config it will be */
export async function detect(call: Call, top: string, base: string): Promise<Answer> {
  keepYoungHeapSmall()
  const sha = await git(top, ['rev-parse', '--verify', 'HEAD^{commit}'], 'Make a first commit.')
  const repository = (await repositoryName(call.text('repo'), call.io.env, top)) ?? { owner: '', name: 'checkout' }
  const context = {
    workspace: top,
    apiUrl: 'https://api.github.com',
    token: null,
    repository: { ...repository, id: 1 },
    sha,
    base,
    pull: null,
    now: call.io.now(),
  }
  const found = await lookThrough(context)
  const by = call.text('by') ?? found.owners[0] ?? (repository.owner === '' ? '' : `@${repository.owner}`)
  if (!WHO.test(by))
    throw new CliError(
      'usage',
      'Nobody is named who answers for what is declared absent: there is no CODEOWNERS line for everything, and no remote.',
      'Name a team or a person: --by=@org/team.',
    )
  const text = detectedConfig({ ...found, by })
  const parsed = parseConfig(text, gatePolicies())
  if (!parsed.ok)
    throw new CliError(
      'config',
      `The config that would be written is wrong: ${parsed.errors.map(({ key, message }) => `${key} ${message}`).join('; ')}`,
      'Report the defect.',
    )
  const path = join(top, CONFIG_PATH)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { flag: 'wx' }).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new CliError('usage', `${CONFIG_PATH} is there already, and is never written over.`, 'Check it: release-conductor config check', { cause })
  })
  const seen = found.topics.filter(({ n }) => n !== null && n > 0)
  const unseen = found.topics.filter(({ n }) => n === null)
  const declared = declarationsOf(found.topics)
  const next = [
    `Read ${CONFIG_PATH}, above all what it declares; then see what the gates say: release-conductor run --phase=P0 --config=${CONFIG_PATH}`,
    `Merge it into ${base}: releases are held to the config there, and to no other.`,
  ]
  return {
    exit: EXIT.ok,
    text: [
      `Wrote ${CONFIG_PATH} from what lies at ${sha.slice(0, 12)}.`,
      `Looked at: ${seen.map(({ gate, n, topic }) => `${topic} for ${gate} (${n})`).join(', ') || 'nothing that a gate asks about'}.`,
      ...(unseen.length === 0
        ? []
        : [`Asked of each release, and not to be seen from here: ${unseen.map(({ gate, topic }) => `${topic} for ${gate}`).join(', ')}.`]),
      ...(declared.length === 0 ? [] : [`Declared not applicable, by ${by}: ${declared.map(([key]) => key).join(', ')}.`]),
      ...(found.owners.length === 0
        ? ['Nobody may promote yet: CODEOWNERS names nobody for everything.']
        : [`May promote: ${found.owners.join(', ')}.`]),
      ...next,
    ].join('\n'),
    data: { path: CONFIG_PATH, commit: sha, by, found, declared: Object.fromEntries(declared), next },
  }
}
