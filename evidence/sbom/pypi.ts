/** How packages of Python are named. */
import { purlOf } from './purl.ts'

/** One form for all spellings of a name. https://peps.python.org/pep-0503/#normalized-names */
export function pypiName(name: string): string {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase()
}

/** The type's rule: small letters, and a hyphen for the underscore; a dot stays. @param registry another than the public one */
export function pypiPurl(name: string, version: string, registry: string | null): string {
  return purlOf('pypi', name.toLowerCase().replaceAll('_', '-'), version, registry === null ? {} : { repository_url: registry })
}
