/** Dockerfiles: infrasec beside hadolint. */
import { isDockerfile } from '../../../agents/collect/dockerfiles.ts'
import { dockerfileFindings } from '../../../agents/platform/infrasec.rules.ts'
import { ended } from '../../support/tools.ts'
import { compare } from './compare.ts'
import { corpus, nameOf, type CorpusFile } from './corpus.ts'
import { theyMiss, type Explained } from './explained.ts'
import { programOf, seenBy, type Classes, type Part } from './part.ts'

const CLASSES: Classes = {
  'runs as root': { ours: ['image.user-root'], theirs: ['DL3002'] },
  'base that can move': { ours: ['image.base-unpinned'], theirs: ['DL3006', 'DL3007'] },
}
const EXPLAINED: readonly Explained[] = [
  ...theyMiss('nobody says USER, so that the base decides, most often for root; hadolint objects to `USER root` only', {
    class: 'runs as root',
    file: null,
  }),
  ...theyMiss('a tag without digest, which can be moved; hadolint objects to no tag and to `latest`', { class: 'base that can move', file: null }),
]

export const dockerfiles: Part = {
  topic: 'Dockerfiles',
  specialist: 'hadolint',
  explained: EXPLAINED,
  async run() {
    const program = programOf('hadolint', 'python/bin/')
    const files = await recipes()
    const ours = files.flatMap((file) => dockerfileFindings(file.path, file.text).map(({ rule }) => ({ file: nameOf(file), rule })))
    const { out } = await ended(program, ['--no-fail', '--format=json', ...files.map(({ at }) => at)])
    const names = new Map(files.map((file) => [file.at, nameOf(file)]))
    const theirs = (JSON.parse(out) as { code: string; file: string }[]).map(({ code, file }) => ({ file: names.get(file) ?? file, rule: code }))
    const compared = compare(Object.keys(CLASSES), seenBy('ours', CLASSES, ours), seenBy('theirs', CLASSES, theirs))
    return { what: `${files.length} files`, compared }
  },
}

export async function recipes(): Promise<readonly CorpusFile[]> {
  return (await corpus(/(?:^|\/)(?:Dockerfile|Containerfile)[^/]*$|\.(?:Dockerfile|Containerfile)$/i)).filter(({ path }) => isDockerfile(path))
}
