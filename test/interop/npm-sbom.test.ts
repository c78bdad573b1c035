/** `npm sbom` and we say the same of the lock files of real projects: of three that publish theirs, and of one that npm locks here, as of a fixed day. */
import { hash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cyclonedxOf } from '../../evidence/sbom/cyclonedx.ts'
import { SbomError } from '../../evidence/sbom/error.ts'
import type { Inventory } from '../../evidence/sbom/inventory.ts'
import { readLockFile } from '../../evidence/sbom/lock.ts'
import { spdxOf } from '../../evidence/sbom/spdx.ts'
import { cyclonedxDifferences, type Bom, type Copies } from '../evidence/sbom/npm-cyclonedx.ts'
import { differences, type NpmSbom } from '../evidence/sbom/npm-sbom.ts'
import { NETWORK } from '../support/network.ts'
import { ended, tool } from '../support/tools.ts'

/** It downloads; RC_TOOLS says that this is wanted. */
const NPM = process.env['RC_TOOLS'] === undefined ? null : tool('npm')
const VERSION = NPM === null ? '' : (await ended(NPM, ['--version'])).out.trim()
const AT = { createdAt: '2026-11-22T18:30:00.000Z' }
const AS_OF = '2026-10-01T00:00:00.000Z'
const NO_COPIES: Copies = { several: new Set(), edges: new Set() }

const PUBLISHED = 'npm-shrinkwrap.json'

/** `silent`: on how many facts npm's CycloneDX does not speak, because of several copies it tells of the first only. */
const PROJECTS = [
  {
    pack: 'firebase-tools@11.30.0',
    integrity: 'sha512-rNMhtsFKy35AZqfy0obY2Kgsfmg8N1duEx2UDT14NsMHB7xt2Z7cUd92bkAoQAfD0jAOd7LhRT/7E6J5yB+kGw==',
    lock: PUBLISHED,
    says: { packages: 599, edges: 983, silent: 0 },
  },
  {
    pack: 'balena-cli@22.5.5',
    integrity: 'sha512-Mb4mwoebEwBsZTbDI1aRQv/Ix3FOk0lcFk0GeSgR1hXQPJ1tWr3nRwPLMv9ciFN+KJjeAuUjkwSNgyhuGG0HQQ==',
    lock: PUBLISHED,
    says: { packages: 1576, edges: 3755, silent: 0 },
  },
  {
    pack: 'twilio-cli@6.2.4',
    integrity: 'sha512-TWYc2IJpQD7ceXBOPLX9DIoeesSd0654HLOTI/gJTGeFeMKnLqGRxDm/r/b5wOFWe39crHAybaTipjDSF46a6Q==',
    lock: PUBLISHED,
    says: { packages: 1281, edges: 3101, silent: 45 },
  },
  {
    pack: 'semantic-release@25.0.9',
    integrity: 'sha512-bxve7csK0/Txr++CkfrmV+X1r4jqiSOw2WsSad9E2S68R+ZfLBwDn8IceM8WfiOmKQIHgsQc1cNA8Dzg7U75pg==',
    lock: 'package-lock.json',
    says: { packages: expect.any(Number), edges: expect.any(Number), silent: expect.any(Number) },
  },
]

interface Place {
  readonly name?: string
  readonly link?: boolean
  version?: string
  integrity?: string
  dependencies?: Readonly<Record<string, string>>
}
interface Lock {
  readonly packages: Readonly<Record<string, Place>>
}

const written = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString())
const nameOf = (at: string, { name, version }: Place): string => `${name ?? at.slice(at.lastIndexOf('node_modules/') + 13)}@${version ?? ''}`

function copiesOf(lock: string, { packages, relationships }: NpmSbom): Copies {
  const names = Object.entries((JSON.parse(lock) as Lock).packages).map(([at, place]) => nameOf(at, place))
  const named = new Map(packages.map(({ SPDXID, name, versionInfo }) => [SPDXID, `${name}@${versionInfo ?? ''}`]))
  return {
    several: new Set(names.filter((name, index) => names.indexOf(name) !== index)),
    edges: new Set(relationships.map(({ spdxElementId: on, relatedSpdxElement: from }) => `${named.get(from)} -> ${named.get(on)}`)),
  }
}

describe.skipIf(NPM === null)(`npm ${VERSION} (skipped without RC_TOOLS or npm: it downloads)`, () => {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-npm-sbom-'))
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  async function run(command: string, args: readonly string[]): Promise<string> {
    const { code, out, err } = await ended(command, args, { cwd: folder, env: NETWORK })
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${err}`)
    return out
  }
  const npm = (...args: readonly string[]): Promise<string> => run(NPM ?? '', args)

  /** Downloads the package; its package.json and its lock file, or one of the fixed day, then lie in the folder. */
  async function unpack({ pack, integrity, lock }: (typeof PROJECTS)[number]): Promise<void> {
    const archive = (await npm('pack', '--silent', pack)).trim()
    expect(`sha512-${hash('sha512', await readFile(join(folder, archive)), 'base64')}`).toBe(integrity)
    const wanted = lock === PUBLISHED ? ['package/package.json', `package/${lock}`] : ['package/package.json']
    await run('tar', ['-xzf', archive, '--strip-components=1', ...wanted])
    if (lock !== PUBLISHED) await npm('install', '--package-lock-only', '--ignore-scripts', '--silent', `--before=${AS_OF}`)
  }

  async function inventoryOf(lock: string, edit = (text: string): string => text): Promise<Inventory> {
    const [text, manifest] = [await readFile(join(folder, lock), 'utf8'), await readFile(join(folder, 'package.json'))]
    const inventory = readLockFile({ path: lock, bytes: Buffer.from(edit(text)), manifest })
    if (inventory instanceof SbomError) throw inventory
    return inventory
  }

  describe.each(PROJECTS)('$pack, $lock', (project) => {
    const { lock, says } = project
    let npmSpdx: NpmSbom
    let npmCyclonedx: Bom
    let ours: Inventory

    beforeAll(async () => {
      for (const old of await readdir(folder)) await rm(join(folder, old))
      await unpack(project)
      npmSpdx = JSON.parse(await npm('sbom', '--package-lock-only', '--sbom-format=spdx')) as NpmSbom
      npmCyclonedx = JSON.parse(await npm('sbom', '--package-lock-only', '--sbom-format=cyclonedx')) as Bom
      ours = await inventoryOf(lock)
    })

    test('SPDX: the same packages, versions, digests, edges and purls', () => {
      const document = written(spdxOf(ours, AT)) as NpmSbom
      expect(differences(ours, npmSpdx)).toEqual([])
      expect(differences(ours, document)).toEqual([])
      expect(npmSpdx.packages.length).toBe(document.packages.length)
      expect(document.packages.length).toBeGreaterThan(500)
      expect({ packages: document.packages.length, edges: ours.edges.length }).toEqual({ packages: says.packages, edges: says.edges })
      console.info(`${project.pack}: ${document.packages.length} packages, ${ours.edges.length} edges; npm ${VERSION} says the same`)
    })

    test('CycloneDX: the same packages, versions, digests and edges', async () => {
      const document = written(cyclonedxOf(ours, AT)) as Bom
      const copies = copiesOf(await readFile(join(folder, lock), 'utf8'), npmSpdx)
      expect(cyclonedxDifferences(document, npmCyclonedx, copies)).toEqual([])
      const silent = cyclonedxDifferences(document, npmCyclonedx, NO_COPIES)
      expect(silent.length).toEqual(says.silent)
    })

    test.each([
      ['digest', (place: Place): unknown => (place.integrity = `sha512-${Buffer.alloc(64).toString('base64')}`)],
      ['version', (place: Place): unknown => (place.version = '0.0.0-other')],
      ['edge', (place: Place): unknown => delete place.dependencies],
    ] as const)('another %s of one package is seen in both', async (_what, change) => {
      const edited = await inventoryOf(lock, (text) => {
        const value = JSON.parse(text) as Lock
        const { several } = copiesOf(text, npmSpdx)
        const found = Object.entries(value.packages).find(
          ([at, place]) =>
            at.startsWith('node_modules/') && place.integrity !== undefined && place.dependencies !== undefined && !several.has(nameOf(at, place)),
        )
        change(found?.[1] as Place)
        return JSON.stringify(value)
      })
      const copies = copiesOf(await readFile(join(folder, lock), 'utf8'), npmSpdx)
      expect(differences(edited, npmSpdx)).not.toEqual([])
      expect(cyclonedxDifferences(written(cyclonedxOf(edited, AT)) as Bom, npmCyclonedx, copies)).not.toEqual([])
    })
  })
})
