/** `evidence sbom`: a lock file or an image in, SPDX and CycloneDX out. `main.ts` starts it without the other commands: a build calls it often. */
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { checkCyclonedx } from '../../../evidence/sbom/check-cyclonedx.ts'
import { checkSpdx } from '../../../evidence/sbom/check-spdx.ts'
import { cyclonedxOf } from '../../../evidence/sbom/cyclonedx.ts'
import { SbomError } from '../../../evidence/sbom/error.ts'
import type { Inventory } from '../../../evidence/sbom/inventory.ts'
import { spdxOf } from '../../../evidence/sbom/spdx.ts'
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call } from '../verb.ts'
import type { Action } from './action.ts'

const MAX_LOCK = 64 << 20
const MAX_ARCHIVE = 2 ** 31

async function bytesOf(path: string, max: number): Promise<Buffer> {
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile())
    throw new CliError('not-found', `There is no file ${path}.`, 'Name the lock file with --lock, or the image with --image.')
  if (found.size > max) throw new CliError('usage', `${path} has ${found.size} bytes; at most ${max} are read.`, 'Name another file.')
  return readFile(path)
}

function orRefuse<Value>(answer: Value | SbomError): Value {
  if (!(answer instanceof SbomError)) return answer
  const next =
    answer.code === 'needs-manifest'
      ? 'Add the file beside it, such as --manifest=package.json or --manifest=go.sum.'
      : answer.code === 'unknown-file'
        ? 'Neither its name nor what it holds tells its kind. Name a lock file of these kinds; docs/adopt.md lists them.'
        : `The file was refused (${answer.code}); nothing was written. Make it again with its package manager.`
  throw new CliError('usage', answer.message, next, { cause: answer })
}

async function inventoriesOf(call: Call): Promise<readonly (readonly [suffix: string, Inventory])[]> {
  const [lock, image, manifest] = [call.text('lock'), call.text('image'), call.text('manifest')]
  if ((lock === undefined) === (image === undefined))
    throw new CliError('usage', 'Of what?', 'release-conductor evidence sbom --lock=package-lock.json --out=sbom, or --image=DIR for --lock')
  if (lock !== undefined) {
    const [{ readLockOnDemand }, bytes, given] = await Promise.all([
      import('../../../evidence/sbom/lock-on-demand.ts'),
      bytesOf(resolve(call.io.cwd, lock), MAX_LOCK),
      manifest === undefined ? undefined : bytesOf(resolve(call.io.cwd, manifest), 1 << 20),
    ])
    const question = { ...(await namedOf(resolve(call.io.cwd, lock), bytes)), bytes, ...(given !== undefined && { manifest: given }) }
    return [['', orRefuse(await readLockOnDemand(question))]]
  }
  return imagesOf(call, resolve(call.io.cwd, image ?? ''))
}

/** Who names a file means it: it is known by its name, by its folder (`requirements/dev.txt`), or by what it holds. */
async function namedOf(path: string, bytes: Buffer): Promise<{ readonly path: string; readonly kind?: string }> {
  const { isLockFile } = await import('../../../evidence/sbom/lock-names.ts')
  const [short, long] = [basename(path), `${basename(dirname(path))}/${basename(path)}`]
  if (isLockFile(short)) return { path: short }
  if (isLockFile(long)) return { path: long }
  const { lockNameByContent } = await import('../../../evidence/sbom/lock-content.ts')
  const kind = lockNameByContent(bytes.toString('utf8'))
  return kind === null ? { path: short } : { path: short, kind }
}

async function imagesOf(call: Call, path: string): Promise<readonly (readonly [suffix: string, Inventory])[]> {
  const { readImage } = await import('../../../evidence/sbom/image/read.ts')
  const { layoutOfArchive } = await import('../../../evidence/sbom/image/archive.ts')
  const found = await stat(path).catch(() => null)
  if (found === null) throw new CliError('not-found', `There is no image ${path}.`, 'Name an OCI image layout: its folder, or its tar.')
  const fromFolder = (name: string): Promise<Uint8Array | undefined> => readFile(join(path, name)).catch(() => undefined)
  const layout = found.isDirectory() ? fromFolder : layoutOfArchive(await bytesOf(path, MAX_ARCHIVE))
  const platform = call.text('platform')
  const images = orRefuse(await readImage({ path: basename(path), layout, ...(platform === undefined ? {} : { platform }) }))
  return images.map((each) => [images.length === 1 ? '' : `-${each.platform.replaceAll(/[^A-Za-z0-9]+/g, '-')}`, each.inventory])
}

const FORMATS = {
  spdx: { ending: 'spdx.json', write: spdxOf, check: checkSpdx },
  cyclonedx: { ending: 'cdx.json', write: cyclonedxOf, check: checkCyclonedx },
} as const
type Format = keyof typeof FORMATS

function formatsOf(call: Call): readonly Format[] {
  const all = Object.keys(FORMATS) as Format[]
  const asked = call.text('format')
  const found = all.filter((format) => asked === undefined || asked === format)
  if (found.length === 0) throw new CliError('usage', `There is no format ${asked}.`, `Formats: ${all.join(', ')}; both without --format.`)
  return found
}

async function run(call: Call): Promise<Answer> {
  const out = call.text('out')
  if (out === undefined) throw new CliError('usage', 'Where to?', 'Add --out=DIR.')
  const formats = formatsOf(call)
  const createdAt = new Date(call.io.now()).toISOString()
  const inventories = await inventoriesOf(call)
  const manifest = call.text('manifest')
  const written: { path: string; packages: number }[] = []
  const told: string[] = []
  for (const [suffix, inventory] of inventories) {
    const name = `${(call.text('name') ?? inventory.root.name).replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '') || 'sbom'}${suffix}`
    const documents = formats.map((format) => {
      const { ending, write, check } = FORMATS[format]
      return [`${name}.${ending}`, write(inventory, { createdAt }), check] as const
    })
    for (const [file, bytes, check] of documents) {
      const problems = check(JSON.parse(new TextDecoder().decode(bytes)))
      if (problems.length > 0) throw new Error(`${file} does not hold: ${problems.join('; ')}`)
    }
    await mkdir(resolve(call.io.cwd, out), { recursive: true })
    written.push(
      ...(await Promise.all(
        documents.map(async ([file, bytes]) => {
          const path = resolve(call.io.cwd, out, file)
          await writeFile(`${path}.new`, bytes)
          await rename(`${path}.new`, path)
          return { path, packages: inventory.components.length + 1 }
        }),
      )),
    )
    told.push(...inventory.remarks.flatMap(({ code, about }) => (code === 'unpinned' ? [`${about}: nothing says which version is installed`] : [])))
    if (manifest !== undefined && ['npm', 'pnpm', 'yarn'].includes(inventory.source.kind)) {
      const { disagreements } = await import('../../../evidence/sbom/disagreements.ts')
      told.push(...disagreements(inventory, await readFile(resolve(call.io.cwd, manifest))))
    }
  }
  const remarks = inventories.flatMap(([, inventory]) => inventory.remarks)
  const lines = [...written.map(({ path, packages }) => `${path}: ${packages} packages`), ...told.map((each) => `disagreement: ${each}`)]
  for (const [code, all] of Object.entries(Object.groupBy(remarks, (remark) => remark.code)))
    lines.push(`${code}: ${all.length}, such as ${all[0]?.about ?? ''}`)
  return {
    exit: told.length === 0 ? EXIT.ok : EXIT.no,
    text: lines.join('\n'),
    data: { ok: told.length === 0, written, disagreements: told, remarks },
  }
}

export const sbom: Action = {
  name: 'sbom',
  usage:
    '--lock=FILE [--manifest=package.json] --out=DIR [--name=NAME] [--format=spdx|cyclonedx] | --image=DIR|TAR [--platform=linux/amd64] --out=DIR',
  examples: [
    [
      'release-conductor evidence sbom --lock=package-lock.json --manifest=package.json --out=sbom',
      'SPDX and CycloneDX of what is locked; exit code 1 when the two files disagree',
    ],
  ],
  options: {
    lock: { type: 'string' },
    manifest: { type: 'string' },
    image: { type: 'string' },
    platform: { type: 'string' },
    out: { type: 'string' },
    name: { type: 'string' },
    format: { type: 'string' },
  },
  meaning: {
    lock: 'a lock file that is read, known by its name or by what it holds: docs/adopt.md lists them',
    manifest: 'the file beside it: package.json, held against it, or the go.sum of a go.mod',
    image: 'an OCI image layout: its folder, or its tar',
    platform: 'only this platform of the image, such as linux/amd64',
    out: 'folder for the bills of materials',
    name: 'what the bills are called; else as the project is',
    format: 'spdx or cyclonedx; else both',
  },
  words: { least: 0, most: 0 },
  run,
}
