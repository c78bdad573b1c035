/** Version 1 of npm's lock file (npm 5 and 6): a tree of dependencies, without what the project itself asks for. Turned into the places of version 3. */
import { SbomError } from './error.ts'
import { fieldsOf, section, textField, texts } from './fields.ts'
import type { Fields } from './fields.ts'
import { jsonOf } from './manifest.ts'

const MAX_NESTING = 40

/** @param manifest package.json, the only place that names the project's own dependencies @throws SbomError `needs-manifest`, `malformed`, `limit` */
export function placesOfVersion1(lock: Fields, path: string, manifest: Uint8Array | undefined): Fields {
  if (manifest === undefined)
    throw new SbomError('needs-manifest', `${path} is of version 1, which does not say what the project asks for; give its package.json too`)
  const places: Record<string, Fields> = { '': fieldsOf(jsonOf(manifest, 'package.json', 1 << 20), 'package.json') }
  const walk = (parent: string, tree: Fields, depth: number): void => {
    if (depth > MAX_NESTING) throw new SbomError('limit', `${path} is nested deeper than ${MAX_NESTING}`)
    for (const [name, value] of Object.entries(section(tree, 'dependencies', path))) {
      const what = `dependencies.${name.slice(0, 80)}`
      const entry = fieldsOf(value, what)
      const location = `${parent}node_modules/${name}`
      places[location] = placeOf(entry, what)
      walk(`${location}/`, entry, depth + 1)
    }
  }
  walk('', lock, 0)
  return places
}

function placeOf(entry: Fields, what: string): Fields {
  const said = textField(entry, 'version', what) ?? ''
  const alias = /^npm:(.+)@([^@]+)$/.exec(said)
  const url = /^(?:git|https?|file|github|gitlab|bitbucket)[+:]/.test(said)
  const requires = entry['requires'] === true ? [] : texts(entry, 'requires', what)
  return {
    ...(alias === null ? {} : { name: alias[1] }),
    ...(url ? { resolved: said } : { version: alias?.[2] ?? said, resolved: entry['resolved'] }),
    integrity: entry['integrity'],
    inBundle: entry['bundled'],
    [entry['optional'] === true ? 'optionalDependencies' : 'dependencies']: Object.fromEntries(requires),
  }
}
