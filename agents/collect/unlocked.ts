/** What a repository is made of and nothing here can tell: lock files of kinds that are not read, and manifests that ask for packages without a lock file. Pure. */
import { isLockFile, lockName } from '../../evidence/sbom/lock-names.ts'

/** Code of others that lies in the repository: its lock files say nothing about this release. */
const VENDORED = /(?:^|\/)(?:node_modules|vendor|third_party)\//

export function isVendored(path: string): boolean {
  return VENDORED.test(path)
}

/** Lock files of a kind that is not read, and pom.xml, which is all that Maven has. */
const NOT_READ = new Set([
  'bun.lock',
  'bun.lockb',
  'deno.lock',
  'gems.locked',
  'go.work.sum',
  'Pipfile.lock',
  'pdm.lock',
  'pylock.toml',
  'conda-lock.yml',
  'pixi.lock',
  'pom.xml',
  'gradle.lockfile',
  'packages.lock.json',
  'paket.lock',
  'mix.lock',
  'rebar.lock',
  'pubspec.lock',
  'Package.resolved',
  'Podfile.lock',
  'Cartfile.resolved',
  'conan.lock',
  'stack.yaml.lock',
  'cabal.project.freeze',
  'renv.lock',
])

/** @param paths of the commit */
export function unsupportedLocks(paths: readonly string[]): string[] {
  const all = new Set(paths)
  return paths.filter((path) => {
    if (isVendored(path) || isLockFile(path)) return false
    const { folder, name } = partsOf(path)
    return NOT_READ.has(name) || (name === 'go.sum' && !all.has(`${folder}go.mod`))
  })
}

interface Kind {
  readonly manifest: RegExp
  /** Names, as `lockName` gives them, one of which must lie beside it or above. */
  readonly locks: readonly string[]
  readonly asks: (text: string) => boolean
}

const PYTHON = ['requirements.txt', 'poetry.lock', 'uv.lock', 'pdm.lock', 'pylock.toml', 'Pipfile.lock', 'conda-lock.yml', 'pixi.lock']
const KINDS: readonly Kind[] = [
  {
    manifest: /^package\.json$/,
    locks: ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb', 'deno.lock'],
    asks: (text) => namesAny(text, ['dependencies', 'devDependencies', 'optionalDependencies'], /^/),
  },
  {
    manifest: /^composer\.json$/,
    locks: ['composer.lock'],
    asks: (text) => namesAny(text, ['require', 'require-dev'], /\//),
  },
  {
    manifest: /^pyproject\.toml$/,
    locks: PYTHON,
    asks: (text) =>
      /^[ \t]*dependencies[ \t]*=[ \t]*\[(?!\s*\])/m.test(text) ||
      /^[ \t]*\[(?:project\.optional-dependencies|dependency-groups|tool\.poetry\.(?:group\.[\w-]+\.)?(?:dev-)?dependencies)\]/m.test(text),
  },
  { manifest: /^setup\.(?:py|cfg)$/, locks: PYTHON, asks: (text) => /install_requires\s*=/.test(text) },
  { manifest: /^Pipfile$/, locks: PYTHON, asks: (text) => /^[ \t]*\[(?:dev-)?packages\]/m.test(text) },
  { manifest: /^Cargo\.toml$/, locks: ['Cargo.lock'], asks: (text) => /^[ \t]*\[[^\]\n]*dependencies[\].]/m.test(text) },
  { manifest: /^(?:Gemfile|gems\.rb)$/, locks: ['Gemfile.lock', 'gems.locked'], asks: (text) => /^[ \t]*(?:gem|gemspec)\b/m.test(text) },
  { manifest: /^mix\.exs$/, locks: ['mix.lock'], asks: (text) => /\{\s*:\w+\s*,/.test(text) },
  { manifest: /^build\.gradle(?:\.kts)?$/, locks: ['gradle.lockfile'], asks: (text) => /\bdependencies\s*\{/.test(text) },
  { manifest: /\.(?:cs|fs|vb)proj$/, locks: ['packages.lock.json', 'paket.lock'], asks: (text) => /<PackageReference\b/.test(text) },
  { manifest: /^pubspec\.yaml$/, locks: ['pubspec.lock'], asks: (text) => /^(?:dev_)?dependencies:/m.test(text) },
  { manifest: /^Package\.swift$/, locks: ['Package.resolved'], asks: (text) => /\.package\s*\(/.test(text) },
]

/** Manifests that have no lock file of their kind beside them or above. @param paths of the commit */
export function unlockedManifests(paths: readonly string[]): string[] {
  const locks = new Set(
    paths.map((path) => {
      const { folder, name } = partsOf(path)
      // Requirements for something of their own, such as dev-requirements.txt, do not lock what the manifest asks for.
      if (/^.+requirements/i.test(name)) return path
      // pip-tools' folder lies beside the manifest it locks.
      return `${lockName(path) === 'requirements.txt' ? folder.replace(/(^|\/)requirements\/$/, '$1') : folder}${lockName(path)}`
    }),
  )
  return paths.filter((path) => {
    const { folder, name } = partsOf(path)
    const kind = KINDS.find(({ manifest }) => manifest.test(name))
    return kind !== undefined && !isVendored(path) && !above(folder).some((each) => kind.locks.some((lock) => locks.has(`${each}${lock}`)))
  })
}

/** Does the manifest ask for a package? One that cannot be understood does. */
export function asks(path: string, text: string): boolean {
  const { name } = partsOf(path)
  return KINDS.find(({ manifest }) => manifest.test(name))?.asks(text) ?? false
}

function namesAny(text: string, sections: readonly string[], which: RegExp): boolean {
  try {
    const fields: unknown = JSON.parse(text)
    if (typeof fields !== 'object' || fields === null) return true
    return sections.some((section) => {
      const names: unknown = Object.hasOwn(fields, section) ? (fields as Record<string, unknown>)[section] : undefined
      return typeof names === 'object' && names !== null ? Object.keys(names).some((name) => which.test(name)) : names !== undefined
    })
  } catch {
    return true
  }
}

function partsOf(path: string): { readonly folder: string; readonly name: string } {
  const end = path.lastIndexOf('/') + 1
  return { folder: path.slice(0, end), name: path.slice(end) }
}

/** `a/b/` -> `a/b/`, `a/`, and the root. */
function above(folder: string): readonly string[] {
  const parts = folder.split('/').slice(0, -1)
  return Array.from({ length: parts.length + 1 }, (_, at) =>
    parts
      .slice(0, parts.length - at)
      .map((part) => `${part}/`)
      .join(''),
  )
}
