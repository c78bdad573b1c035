/** Finds the route of a path. Templates as GitHub publishes them; a parameter that names a path, a ref or a branch may hold slashes. */
import type { Route } from './call.ts'

const WIDE = new Set(['path', 'ref', 'basehead', 'branch'])

interface Entry {
  readonly route: Route
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly weight: number
}

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

export const table = (routes: readonly Route[]): ((method: string, path: string) => Match | null) => {
  const entries: Entry[] = routes.map((route) => {
    const names: string[] = []
    const pattern = route.path
      .split(/(\{[^}]+\})/)
      .map((part) => {
        if (!part.startsWith('{')) return part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')
        const name = part.slice(1, -1)
        names.push(name)
        return WIDE.has(name) ? '(.+)' : '([^/]+)'
      })
      .join('')
    const literal = route.path.split('/').filter((part) => !part.startsWith('{')).length
    return { route, names, pattern: new RegExp(`^${pattern}$`), weight: literal * 100 - names.filter((name) => WIDE.has(name)).length }
  })
  entries.sort((a, b) => b.weight - a.weight)
  return (method, path) => {
    for (const entry of entries) {
      if (entry.route.method !== method) continue
      const found = entry.pattern.exec(path)
      if (!found) continue
      return { route: entry.route, params: Object.fromEntries(entry.names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')])) }
    }
    return null
  }
}
