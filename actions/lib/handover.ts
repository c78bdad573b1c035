/** The hand-over, checked by the job that signs: exactly the files it names, each with the bytes it names, each covered by an entry. */
import { sha256 } from '../../evidence/core/digest.ts'
import { parseJson } from '../../evidence/core/json.ts'
import { Handover, HANDOVER_FILE } from '../../evidence/model/handover.ts'
import { ActionError } from './error.ts'

export interface CheckedHandover {
  readonly handover: Handover
  /** Path -> bytes, without `handover.json`. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** @throws ActionError `no-handover`, `bad-handover`, `file-missing`, `file-extra`, `file-changed` */
export function checkHandover(folder: ReadonlyMap<string, Uint8Array>): CheckedHandover {
  const text = folder.get(HANDOVER_FILE)
  if (text === undefined) throw new ActionError('no-handover', `The hand-over has no ${HANDOVER_FILE}; look at the job that ran the agents.`)
  const handover = parse(text)
  const named = new Map(handover.files.map((file) => [file.path, file]))
  if (named.size !== handover.files.length) throw new ActionError('bad-handover', 'The hand-over names a file twice.')
  for (const path of folder.keys())
    if (path !== HANDOVER_FILE && !named.has(path))
      throw new ActionError('file-extra', `${path} is in the hand-over, but ${HANDOVER_FILE} does not name it.`)
  const files = new Map<string, Uint8Array>()
  for (const { path, sha256: digest, size } of handover.files) {
    if (path === HANDOVER_FILE || path.startsWith('attestations/')) throw new ActionError('bad-handover', `${path} is not a path an agent may write.`)
    const bytes = folder.get(path)
    if (bytes === undefined) throw new ActionError('file-missing', `${HANDOVER_FILE} names ${path}, which is not there.`)
    if (bytes.length !== size || sha256(bytes) !== digest)
      throw new ActionError('file-changed', `${path} is not the file that ${HANDOVER_FILE} names: it was changed after the agents ran.`)
    files.set(path, bytes)
  }
  return { handover, files }
}

function parse(bytes: Uint8Array): Handover {
  try {
    return Handover.parse(parseJson(bytes))
  } catch (cause) {
    throw new ActionError('bad-handover', `${HANDOVER_FILE} is not a hand-over: ${(cause as Error).message.slice(0, 1000)}`, { cause })
  }
}
