/** composer.lock: what is installed, and apart from it what is for development. https://getcomposer.org/doc/01-basic-usage.md#installing-from-composer-lock */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { fieldsOf, packageVersion, section, textField, texts } from './fields.ts'
import type { Fields } from './fields.ts'
import { assemble, MOST_EDGES, MOST_NODES } from './graph.ts'
import type { DraftEdge, DraftNode } from './graph.ts'
import { hexHash } from './integrity.ts'
import type { Inventory } from './inventory.ts'
import type { LockQuestion } from './lock-answer.ts'
import { jsonOf } from './manifest.ts'
import { originOf, purlOf } from './purl.ts'

const MAX_BYTES = 8 << 20
const ROOT = ''
const NAME = /^[A-Za-z0-9][\w.-]{0,150}\/[A-Za-z0-9][\w.-]{0,150}$/

/** @throws SbomError */
export function readComposerLock({ path, bytes }: LockQuestion): Inventory {
  // The mark that some editors put at the start is no part of JSON.
  const text = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
  const lock = fieldsOf(jsonOf(text, path, MAX_BYTES), path)
  if (!Array.isArray(lock['packages'])) throw new SbomError('malformed', `${path} has no list of packages`)
  const [own, dev] = [listOf(lock, 'packages', path), listOf(lock, 'packages-dev', path)]
  const nodes = [...own, ...dev].map((fields) => nodeOf(fields, path))
  if (nodes.length > MOST_NODES) throw new SbomError('limit', `${nodes.length} packages; at most ${MOST_NODES} are read`)
  const ids = new Set(nodes.map(({ id }) => id))
  if (ids.size < nodes.length) throw new SbomError('malformed', `${path}: a package stands twice`)
  const asked = nodes.map(({ id, name }, at): DraftEdge => ({ from: ROOT, to: id, kind: at < own.length ? 'required' : 'dev', name, range: null }))
  // The platform, and what another package stands in for, is asked for and never listed.
  const needs = [...own, ...dev].flatMap((fields, at) =>
    texts(fields, 'require', path).flatMap(([name, range]): readonly DraftEdge[] => {
      const to = name.toLowerCase()
      return ids.has(to) ? [{ from: nodes[at]?.id ?? ROOT, to, kind: 'required', name, range }] : []
    }),
  )
  if (needs.length > MOST_EDGES) throw new SbomError('limit', `more than ${MOST_EDGES} dependencies`)
  const root = { id: ROOT, purl: purlOf('generic', 'unnamed', ''), name: 'unnamed', version: '', licence: null, hashes: [] }
  return assemble({ source: { kind: 'composer', path, sha256: sha256(bytes) }, root, nodes, edges: [...asked, ...needs] })
}

function listOf(lock: Fields, key: string, path: string): readonly Fields[] {
  const list = lock[key] ?? []
  if (!Array.isArray(list)) throw new SbomError('malformed', `${path}.${key} is no list`)
  return list.map((each) => fieldsOf(each, `${path}.${key}`))
}

function nodeOf(fields: Fields, path: string): DraftNode {
  const name = textField(fields, 'name', path) ?? ''
  if (!NAME.test(name)) throw new SbomError('malformed', `${path}: ${JSON.stringify(name.slice(0, 80))} is no name of a package`)
  const version = packageVersion(textField(fields, 'version', name), name)
  const [dist, source] = [section(fields, 'dist', name), section(fields, 'source', name)]
  const isPublic = textField(fields, 'notification-url', name)?.startsWith('https://packagist.org/') === true
  const isLocal = textField(dist, 'type', name) === 'path'
  const origin = isPublic || isLocal ? null : originOf(textField(dist, 'url', name) ?? textField(source, 'url', name))
  const shasum = textField(dist, 'shasum', name) ?? ''
  const reference = textField(source, 'reference', name) ?? textField(dist, 'reference', name) ?? ''
  const { license } = fields
  const licences = Array.isArray(license) ? license.filter((each) => typeof each === 'string' && each.length <= 200).slice(0, 20) : []
  return {
    id: name.toLowerCase(),
    purl: purlOf('composer', name.toLowerCase(), version, origin === null ? {} : { download_url: origin }),
    name,
    version,
    licence: licences.length === 0 ? null : licences.join(' OR '),
    hashes: shasum === '' ? [] : [hexHash('SHA-1', shasum, name)],
    // A commit pins the bytes as a digest does.
    ...(!isLocal && /^[0-9a-f]{40}$/.test(reference) ? { pins: [`git:${reference}`] } : {}),
    origin,
    bundled: false,
    local: isLocal,
  }
}
