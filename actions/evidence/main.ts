/** Fetches the evidence packs of a release from its GitHub releases, so that a later step can verify them. What was fetched is not yet believed. */
import { join } from 'node:path'
import { z } from 'zod'
import { sha256 } from '../../evidence/core/digest.ts'
import { PACK_CAPS } from '../../evidence/pack/caps.ts'
import { ActionError } from '../lib/error.ts'
import { writeFolder } from '../lib/folder.ts'
import { asked, clientOf, repositoryOf } from '../lib/github.ts'
import type { RunFacts } from '../lib/run-facts.ts'

export interface EvidenceInputs {
  /** `v2.0.0` */
  readonly version: string
  readonly token: string
  /** `owner/name`; null: this repository. */
  readonly repository: string | null
  /** Folder to write; must not hold the files yet. */
  readonly out: string
  readonly facts: Pick<RunFacts, 'apiUrl' | 'repository'>
}

export interface FetchedPack {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
}

const NAME = /^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}$/
const VERSION = /^v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/
const PACK = /^evidence(?:-[0-9a-z-]{1,100})?\.(?:zip|sigstore\.json)$/
const Release = z.object({
  tag_name: z.string(),
  draft: z.boolean(),
  assets: z.array(z.object({ id: z.number(), name: z.string(), state: z.string(), size: z.number(), digest: z.string().nullish() })),
})

/** @throws ActionError `bad-input`, `no-evidence`, `digest-differs`, `github-refused`, `github-unavailable` */
export async function run(inputs: EvidenceInputs): Promise<readonly FetchedPack[]> {
  const { facts, out, token, version } = inputs
  const name = inputs.repository ?? facts.repository
  if (!VERSION.test(version)) throw new ActionError('bad-input', 'version is no version such as v2.0.0.')
  if (!NAME.test(name)) throw new ActionError('bad-input', 'repository is no owner/name.')
  const github = clientOf(token, facts)
  const repository = repositoryOf(name)
  const release = Release.parse((await asked(`show the release ${version}`, github.rest.repos.getReleaseByTag({ ...repository, tag: version }))).data)
  const assets = release.assets.filter((asset) => PACK.test(asset.name) && asset.state === 'uploaded')
  if (release.draft || assets.length === 0)
    throw new ActionError(
      'no-evidence',
      `The release ${version} of ${name} has no published evidence pack. It is attached when the release serves everyone.`,
    )
  const fetched: FetchedPack[] = []
  for (const { digest, id, name: file, size } of assets) {
    if (size > PACK_CAPS.totalBytes) throw new ActionError('no-evidence', `${file} has ${size} bytes; a pack has at most ${PACK_CAPS.totalBytes}.`)
    const { data } = await asked(
      `download ${file}`,
      github.request('GET /repos/{owner}/{repo}/releases/assets/{asset_id}', {
        ...repository,
        asset_id: id,
        headers: { accept: 'application/octet-stream' },
      }),
    )
    const bytes = new Uint8Array(data as unknown as ArrayBuffer)
    const hash = sha256(bytes)
    if (digest != null && digest !== `sha256:${hash}`)
      throw new ActionError('digest-differs', `${file} has SHA-256 ${hash}, GitHub says ${digest}. Nothing was written; fetch it again.`)
    await writeFolder(out, new Map([[file, bytes]]))
    fetched.push({ path: join(out, file), sha256: hash, bytes: bytes.length })
  }
  return fetched
}
