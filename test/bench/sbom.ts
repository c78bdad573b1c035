/** A real lock file of 1,300 entries into SPDX and CycloneDX, with the command as it is shipped; against `npm sbom`. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SbomError } from '../../evidence/sbom/error.ts'
import { readLockFile } from '../../evidence/sbom/lock.ts'
import { differences, type NpmSbom } from '../evidence/sbom/npm-sbom.ts'
import { Unavailable, type Benchmark } from './benchmark.ts'
import { buildCommand } from './built.ts'
import { interleaved, type Measured } from './measure.ts'
import type { Row } from './row.ts'

/** A package that is published with its own lock file, so that one version gives one tree. */
const PROJECT = { name: 'many-packages', version: '1.0.0', private: true, dependencies: { 'netlify-cli': '17.38.1' } }
/** Against `npm sbom --package-lock-only`, which needs no installed packages. */
const MOST = 0.25
const LEAST_PACKAGES = 600
const ARGUMENTS = ['evidence', 'sbom', '--lock=package-lock.json', '--manifest=package.json']

const npm = (format: string) => `npm sbom --package-lock-only --sbom-format=${format}`

export const sbom: Benchmark = {
  name: 'sbom',
  what: 'SPDX and CycloneDX of a lock file of more than 1,000 packages; against npm sbom (asks the npm registry for the lock file)',
  tools: { npm: 'npm, which comes with Node', bash: 'the package bash' },
  rounds: 9,
  counted: 'rounds',
  async run(bench) {
    const { dir, say } = bench
    const project = join(dir, 'project')
    await mkdir(project)
    await writeFile(join(project, 'package.json'), JSON.stringify(PROJECT))
    say('npm makes the lock file')
    await promisify(execFile)('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: project }).catch(
      (error: unknown) => {
        throw new Unavailable(`npm could not make the lock file, for which it asks its registry: ${String(error).slice(0, 500)}`)
      },
    )
    const built = await buildCommand()
    const ours = (...options: readonly string[]) => ({
      script: '"$@"',
      args: [process.execPath, join(built, 'dist/release-conductor.js'), ...ARGUMENTS, `--out=${join(dir, 'ours')}`, ...options],
      cwd: project,
    })
    const theirs = (script: string) => ({ script, args: [], cwd: project })
    const [one, both, theirOne, theirBoth] = await interleaved(
      [
        { name: 'ours', ...ours('--format=spdx') },
        { name: 'ours', ...ours() },
        { name: npm('spdx'), ...theirs(npm('spdx')) },
        { name: 'npm sbom --package-lock-only, once for each', ...theirs(`${npm('spdx')}; ${npm('cyclonedx')}`) },
      ],
      bench,
    )
    if (one === undefined || both === undefined || theirOne === undefined || theirBoth === undefined) throw new Error('nothing was measured')
    await compare(project, theirOne.outputs[0] ?? '')
    say('npm sbom without --package-lock-only needs every package installed, and is not run')
    return [...rowsOf('SPDX', one, theirOne), ...rowsOf('SPDX and CycloneDX', both, theirBoth)]
  },
}

function rowsOf(what: string, ours: Measured, theirs: Measured): readonly Row[] {
  const row = (unit: string, key: 'wall' | 'cpu', limit: number | null): Row => ({
    benchmark: 'sbom',
    what: `${what}, ${unit}`,
    unit: 's',
    ours: ours[key],
    peer: { name: theirs.name, value: theirs[key] },
    limit,
  })
  return [row('wall', 'wall', MOST), row('processor', 'cpu', null)]
}

/** Fast and wrong is nothing. @throws where the two disagree */
async function compare(project: string, theirs: string): Promise<void> {
  const path = 'package-lock.json'
  const inventory = readLockFile({ path, bytes: await readFile(join(project, path)), manifest: await readFile(join(project, 'package.json')) })
  if (inventory instanceof SbomError) throw inventory
  if (inventory.components.length < LEAST_PACKAGES) throw new Error(`the lock file holds ${inventory.components.length} packages only`)
  const found = differences(inventory, JSON.parse(theirs) as NpmSbom)
  if (found.length > 0) throw new Error(`ours and npm's disagree: ${found.slice(0, 5).join('; ')}`)
}
