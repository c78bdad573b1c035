/** The source tree as the structure tests see it: files, their imports, and their text without comments and strings. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')
export const FLOORS = ['evidence', 'gates', 'agents', 'app', 'actions'] as const
const LEFT_OUT = new Set(['node_modules', 'dist', '.git', '.cache', 'artifacts', '.release-conductor'])

/** Paths below the root, with `/`, sorted. */
export function filesUnder(folder: string): readonly string[] {
  const found: string[] = []
  const walk = (path: string): void => {
    for (const entry of readdirSync(join(ROOT, path), { withFileTypes: true })) {
      const here = posix.join(path, entry.name)
      if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) walk(here)
      else if (entry.isFile()) found.push(here)
    }
  }
  walk(folder)
  return found.toSorted()
}

export function text(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

export function isPresent(path: string): boolean {
  try {
    readFileSync(join(ROOT, path))
    return true
  } catch {
    return false
  }
}

/** TypeScript of the product: the five floors. */
export const SOURCES = FLOORS.flatMap((floor) => filesUnder(floor)).filter((path) => path.endsWith('.ts'))
export const TESTS = filesUnder('test').filter((path) => path.endsWith('.ts') && !path.startsWith('test/fixtures/') && !path.startsWith('test/shop/'))

export interface Import {
  readonly from: string
  /** Path below the root for a relative import, else the package or builtin. */
  readonly to: string
  readonly relative: boolean
  readonly typeOnly: boolean
  readonly names: string
}

const STATIC = /^\s*(?:import|export)\s+(type\s+)?([^'"`;]*?)\s*from\s*'([^']+)'/gm
const BARE = /^\s*import\s+'([^']+)'/gm
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g

export function importsOf(path: string): readonly Import[] {
  const source = withoutComments(text(path))
  const of = (specifier: string, typeOnly: boolean, names: string): Import => {
    const relative = specifier.startsWith('.')
    return { from: path, to: relative ? posix.join(dirname(path), specifier) : specifier, relative, typeOnly, names }
  }
  return [
    ...[...source.matchAll(STATIC)].map((match) => of(match[3] ?? '', match[1] !== undefined || isTypeList(match[2] ?? ''), match[2] ?? '')),
    ...[...source.matchAll(BARE)].map((match) => of(match[1] ?? '', false, '')),
    ...[...source.matchAll(DYNAMIC)].map((match) => of(match[1] ?? '', false, '')),
  ]
}

/** `{ type A, type B }` */
function isTypeList(names: string): boolean {
  const list = /^\{(.*)\}$/s
    .exec(names.trim())?.[1]
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return list !== undefined && list.length > 0 && list.every((name) => name.startsWith('type '))
}

export function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/[^\n]*/g, '')
}

/** Comments and the insides of quoted strings removed, so that a word in a message is not taken for code. */
export function codeOf(path: string): string {
  return withoutComments(text(path)).replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
}

/** A file and everything it imports of ours at run time. */
export function closure(roots: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  const walk = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const each of importsOf(path)) if (each.relative && !each.typeOnly) walk(each.to)
  }
  roots.forEach(walk)
  return [...seen].toSorted()
}
