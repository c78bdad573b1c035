/** SPDX's own tools read the SBOMs that we write, and refuse what we would refuse. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkSpdx } from '../../evidence/sbom/check-spdx.ts'
import { readLockFile } from '../../evidence/sbom/lock.ts'
import { SbomError } from '../../evidence/sbom/error.ts'
import { spdxOf } from '../../evidence/sbom/spdx.ts'
import { ended, tool } from '../support/tools.ts'

const SPDX = tool('python/bin/pyspdxtools')
const ROOT = join(import.meta.dirname, '../..')

async function sbomOf(path: string): Promise<Record<string, unknown>> {
  const inventory = readLockFile({ path, bytes: await readFile(join(ROOT, path)) })
  if (inventory instanceof SbomError) throw inventory
  return JSON.parse(Buffer.from(spdxOf(inventory, { createdAt: '2026-11-22T18:30:00.000Z' })).toString()) as Record<string, unknown>
}

describe.skipIf(SPDX === null)('spdx-tools (skipped where it is absent)', () => {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-sbom-'))
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  async function valid(value: object): Promise<boolean> {
    await writeFile(join(folder, 'sbom.spdx.json'), JSON.stringify(value))
    return (await ended(SPDX ?? '', ['-i', 'sbom.spdx.json'], { cwd: folder })).code === 0
  }

  test.each(['pnpm-lock.yaml', 'test/shop/v1/package-lock.json'])('the SBOM of %s is valid, to them and to us', async (path) => {
    const value = await sbomOf(path)
    expect(checkSpdx(value)).toEqual([])
    expect(await valid(value)).toBe(true)
  })

  test('what they refuse, we refuse', async () => {
    const value = await sbomOf('pnpm-lock.yaml')
    for (const change of [{ dataLicense: 'MIT' }, { spdxVersion: 'SPDX-9' }, { documentNamespace: 'nowhere' }]) {
      expect(await valid({ ...value, ...change })).toBe(false)
      expect(checkSpdx({ ...value, ...change })).not.toEqual([])
    }
  })
})
