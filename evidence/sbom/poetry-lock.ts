/** poetry.lock, lock-version 1 and 2. It does not say what the project itself asks for: all of it counts as required. https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { isFields, section, textField } from './fields.ts'
import type { Fields } from './fields.ts'
import { assemble, MOST_NODES } from './graph.ts'
import type { DraftEdge } from './graph.ts'
import type { Inventory } from './inventory.ts'
import type { LockQuestion } from './lock-answer.ts'
import { purlOf } from './purl.ts'
import { pypiName } from './pypi.ts'
import { byNameOf, distributionHash, distributionNode, distributionOf, registryOf } from './python-lock.ts'
import type { Distribution, Place } from './python-lock.ts'
import { tables, tomlOf } from './toml.ts'

const ROOT = 'project'

/** @throws SbomError */
export function readPoetryLock({ path, bytes }: LockQuestion): Inventory {
  const lock = tomlOf(bytes, path)
  const metadata = section(lock, 'metadata', path)
  const version = textField(metadata, 'lock-version', path) ?? ''
  if (!/^[12]\.\d$/.test(version))
    throw new SbomError('unsupported', `${path} is a lock file of version ${JSON.stringify(version.slice(0, 40))}; versions 1 and 2 are read`)
  const listed = tables(lock, 'package', path)
  if (listed.length > MOST_NODES) throw new SbomError('limit', `${listed.length} packages; at most ${MOST_NODES} are read`)
  const all = listed.map((fields, at) => distributionOf(fields, at, path, false))
  const byName = byNameOf(all, path, ({ fields, name }) => JSON.stringify(placeOf(fields, name)))
  const files = section(metadata, 'files', path)
  const nodes = all.map((one) => distributionNode(one, hashesOf(one, files), placeOf(one.fields, one.name)))
  const own = all.map(({ id, name }): DraftEdge => ({ from: ROOT, to: id, kind: 'required', name, range: null }))
  const edges = all.flatMap(({ id, name, fields }) =>
    Object.entries(section(fields, 'dependencies', name)).flatMap(([needed, how]): readonly DraftEdge[] => {
      const range = typeof how === 'string' ? how.slice(0, 4000) : null
      const targets = byName.get(pypiName(needed)) ?? []
      if (targets.length > 0) return targets.map((target) => ({ from: id, to: target.id, kind: 'required', name: needed, range }))
      // Under a marker or for an extra it may well be left out.
      return [{ from: id, to: null, kind: typeof how === 'string' ? 'required' : 'optional', name: needed, range }]
    }),
  )
  const root = { id: ROOT, purl: purlOf('generic', 'unnamed', ''), name: 'unnamed', version: '', licence: null, hashes: [] }
  return assemble({ source: { kind: 'poetry', path, sha256: sha256(bytes) }, root, nodes, edges: [...own, ...edges] })
}

/** Before lock-version 2 they stood in one table for all. */
function hashesOf({ name, fields }: Distribution, files: Fields) {
  const list = fields['files'] === undefined ? tables(files, name, 'metadata.files') : tables(fields, 'files', name)
  return list.map((file) => distributionHash(textField(file, 'hash', name) ?? '', name))
}

function placeOf(fields: Fields, name: string): Place {
  const source = fields['source']
  if (!isFields(source)) return { kind: 'registry', url: null }
  const [type, url] = [textField(source, 'type', name), textField(source, 'url', name)]
  if (type === 'git') return { kind: 'git', url, commit: textField(source, 'resolved_reference', name) }
  if (type === 'url') return { kind: 'url', url }
  return type === 'directory' || type === 'file' ? { kind: 'local', url: null } : { kind: 'registry', url: registryOf(url) }
}
