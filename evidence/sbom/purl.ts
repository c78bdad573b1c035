/** Package URLs. https://github.com/package-url/purl-spec */

/** Unreserved characters and the colon stay. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** @param path namespace and name, with `/` between @param qualifiers undefined ones are left out */
export function purlOf(type: string, path: string, version: string, qualifiers: Readonly<Record<string, string | undefined>> = {}): string {
  const name = path.split('/').map(encode).join('/')
  const pairs = Object.entries(qualifiers)
    .filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${encode(value)}`)
  return `pkg:${type}/${name}${version === '' ? '' : `@${encode(version)}`}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`
}

/** The registry that a bare `pkg:npm/` means, and its mirror. */
const DEFAULT_REGISTRY = /^https?:\/\/registry\.(?:npmjs\.org|yarnpkg\.com)\//

/** @param origin URL of the bytes, which makes a package of a private registry, a git repository or a plain URL another one than the public namesake */
export function npmPurl(name: string, version: string, origin: string | null): string {
  return purlOf('npm', name, version, origin === null || DEFAULT_REGISTRY.test(origin) ? {} : qualifiersOf(name, origin))
}

function qualifiersOf(name: string, origin: string): Record<string, string> {
  if (/^git[+:@]|\.git(?:#|$)/.test(origin)) return { vcs_url: origin }
  if (!/^https?:/.test(origin)) return {}
  const end = origin.indexOf(`/${name}/-/`)
  return end === -1 ? { download_url: origin } : { repository_url: origin.slice(0, end) }
}

/** The URL without what opens a door: user and password, except the `git` of ssh. Null for what is no URL of the network. */
export function originOf(resolved: string | null): string | null {
  if (resolved === null || resolved.length > 2000) return null
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?([^\s\p{Cc}]*)$/iu.exec(resolved)
  if (match === null || /^file:/i.test(resolved)) return null
  return `${match[1]}${match[2] === 'git' ? 'git@' : ''}${match[3]}`
}
