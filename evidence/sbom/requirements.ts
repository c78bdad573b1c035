/**
 * *requirements*.txt whose lines are pinned with `==`. It says neither who asks for what nor what is for development: all of it counts as required. A line that
 * pins nothing is a remark with its number. https://pip.pypa.io/en/stable/reference/requirements-file-format/
 */
import { sha256 } from '../core/digest.ts'
import { SbomError } from './error.ts'
import { assemble, MOST_NODES } from './graph.ts'
import type { DraftEdge, DraftNode } from './graph.ts'
import { hashesAndPins, hexHash } from './integrity.ts'
import type { Hash, Inventory, Remark } from './inventory.ts'
import { linesOf, malformedLine } from './lines.ts'
import type { LockQuestion } from './lock-answer.ts'
import { isLockFile } from './lock-names.ts'
import { originOf, purlOf } from './purl.ts'
import { pypiName, pypiPurl } from './pypi.ts'

const ROOT = ''

/** @throws SbomError */
export function readRequirements({ path, bytes }: LockQuestion): Inventory {
  const lines = joined(linesOf(bytes, path))
  const remarks: Remark[] = []
  const nodes: DraftNode[] = []
  const edges: DraftEdge[] = []
  const index = lines.map(({ text }) => /^(?:-i|--index-url)[ =]+(\S+)$/.exec(text)?.[1]).findLast((url) => url !== undefined)
  for (const { at, text } of lines) {
    if (text.startsWith('-')) {
      if (!isHarmless(text, path)) remarks.push(unpinned(at, text))
      continue
    }
    const { name, version, hashes } = requirementOf(text, path, at)
    const id = `${at}`
    if (version === null) remarks.push(unpinned(at, text))
    else nodes.push({ id, purl: pypiPurl(name, version, registryOf(index)), name, version, licence: null, ...hashesAndPins(hashes), ...PLAIN })
    edges.push({
      from: ROOT,
      to: version === null ? null : id,
      kind: 'required',
      name: pypiName(name),
      range: version === null ? null : `==${version}`,
    })
    if (edges.length > MOST_NODES) throw new SbomError('limit', `${path} has more than ${MOST_NODES} requirements`)
  }
  const name = 'unnamed'
  const root = { id: ROOT, purl: purlOf('generic', name, ''), name, version: '', licence: null, hashes: [] }
  return assemble({ source: { kind: 'requirements', path, sha256: sha256(bytes) }, root, nodes, edges, remarks })
}

const PLAIN = { origin: null, bundled: false, local: false } as const

interface Line {
  /** From 0. */
  readonly at: number
  readonly text: string
}

/** Without comments; a line that ends with a backslash goes on in the next. */
function joined(lines: readonly string[]): readonly Line[] {
  const whole: Line[] = []
  let open: { at: number; parts: string[] } | null = null
  for (const [at, line] of lines.entries()) {
    const goesOn = line.endsWith('\\') && !/^\s*#/.test(line)
    const part = (goesOn ? line.slice(0, -1) : line)
      .replaceAll(/\s+/g, ' ')
      .replace(/(?:^| )#.*$/, '')
      .trim()
    open ??= { at, parts: [] }
    open.parts.push(part)
    if (goesOn && at < lines.length - 1) continue
    const text = open.parts.filter((each) => each !== '').join(' ')
    if (text !== '') whole.push({ at: open.at, text })
    open = null
  }
  return whole
}

/** Options that bring nothing in: constraints, where to look and how; a file that is read by itself; a folder of the project. */
function isHarmless(text: string, path: string): boolean {
  const [, option = '', value = ''] = /^(--?[a-z-]+)[ =]*(.*)$/.exec(text) ?? []
  if (option === '-r' || option === '--requirement') return isLockFile(`${path.slice(0, path.lastIndexOf('/') + 1)}${value}`)
  if (option === '-e' || option === '--editable') return /^\.{0,2}[\w./-]*(?:\[[\w,.-]*\])?$/.test(value)
  return HARMLESS.has(option)
}

const HARMLESS = new Set([
  '-c',
  '--constraint',
  '-i',
  '--index-url',
  '--extra-index-url',
  '--no-index',
  '-f',
  '--find-links',
  '--pre',
  '--prefer-binary',
  '--require-hashes',
  '--no-binary',
  '--only-binary',
  '--trusted-host',
  '--use-feature',
])

const NAME = /^([A-Za-z0-9](?:[\w.-]{0,200}[A-Za-z0-9])?)\s*(?:\[[\w\s,.-]*\])?\s*(.*)$/
const PINNED = /^\(?\s*={2,3}\s*([A-Za-z0-9][\w.!+-]{0,100})\s*\)?$/

function requirementOf(
  text: string,
  path: string,
  at: number,
): { readonly name: string; readonly version: string | null; readonly hashes: readonly Hash[] } {
  const [asked = '', ...options] = text.split(/\s+(?=--[a-z])/)
  const hashes = options.map((option): Hash => {
    const [, alg, hex = ''] = /^--hash[ =](sha256|sha384|sha512):([0-9a-f]+)$/.exec(option) ?? []
    if (alg === undefined) throw malformedLine(path, at, `has the option ${JSON.stringify(option.slice(0, 80))}, which is no digest`)
    return hexHash(alg === 'sha256' ? 'SHA-256' : alg === 'sha384' ? 'SHA-384' : 'SHA-512', hex, `${path}: line ${at + 1}`)
  })
  const [, name, rest = ''] = NAME.exec(asked) ?? []
  if (name === undefined) return { name: asked.slice(0, 200), version: null, hashes }
  const [, version = null] = PINNED.exec((rest.split(';')[0] ?? '').trim()) ?? []
  return { name, version, hashes }
}

function unpinned(at: number, text: string): Remark {
  return { code: 'unpinned', about: `line ${at + 1}: ${text.replaceAll(/:\/\/[^/@\s]*@/g, '://').slice(0, 200)}` }
}

function registryOf(index: string | undefined): string | null {
  const origin = originOf(index ?? null)
  return origin === null || /^https:\/\/pypi\.(?:org|python\.org)\//.test(`${origin}/`) ? null : origin
}
