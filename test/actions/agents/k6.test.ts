import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { installK6 } from '../../../actions/agents/k6.ts'
import { api } from '../../agents/collect/workspace.ts'

const NAME = 'k6-v1.8.1-linux-amd64'

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'install-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An archive as k6's releases have it, in the letters that the double of a server can say. */
function archive(): { readonly url: string; readonly digest: string } {
  const folder = scratch()
  mkdirSync(join(folder, NAME))
  writeFileSync(join(folder, NAME, 'k6'), '#!/bin/sh\necho k6 v1.8.1\n', { mode: 0o755 })
  execFileSync('tar', ['--create', '--gzip', `--file=${folder}/archive.tar.gz`, `--directory=${folder}`, NAME])
  const bytes = readFileSync(join(folder, 'archive.tar.gz'))
  return { url: `data:application/gzip;base64,${bytes.toString('base64')}#`, digest: createHash('sha256').update(bytes).digest('hex') }
}

test('what has the digest is unpacked, and is the program', async () => {
  const { digest, url } = archive()
  const found = await installK6(` 1.8.1 ${digest}\n`, scratch(), url)
  expect(execFileSync(join(found, 'k6'), { encoding: 'utf8' })).toBe('k6 v1.8.1\n')
})

test('of releases that version is asked for', async () => {
  await using releases = await api(() => ({ status: 404, body: '' }))
  await expect(installK6(`1.8.1 ${'0'.repeat(64)}`, scratch(), releases.url)).rejects.toMatchObject({
    code: 'environment',
    message: expect.stringContaining('answered 404'),
  })
  expect(releases.asked.map(({ path }) => path)).toEqual([`/v1.8.1/${NAME}.tar.gz`])
})

test('another digest, and what is no archive, is refused', async () => {
  const { url } = archive()
  await expect(installK6(`1.8.1 ${'0'.repeat(64)}`, scratch(), url)).rejects.toMatchObject({ code: 'digest-differs' })
  const other = createHash('sha256').update('hello').digest('hex')
  await expect(installK6(`1.8.1 ${other}`, scratch(), 'data:text/plain,hello#')).rejects.toMatchObject({ code: 'environment' })
})

test.each(['1.8.1', 'latest', `../1.8.1 ${'0'.repeat(64)}`, `1.8.1 ${'0'.repeat(63)}`, `1.8.1 ${'0'.repeat(64)} --more`, `v1.8.1 ${'0'.repeat(64)}`])(
  '%j pins nothing',
  async (pin) => {
    await expect(installK6(pin, scratch(), 'http://127.0.0.1:1')).rejects.toMatchObject({ code: 'bad-input' })
  },
)

test.each(['phase.yml', 'conduct.yml'])('every job of %s that runs agents hands the pin over', (file) => {
  const text = readFileSync(join(import.meta.dirname, '../../../.github/workflows', file), 'utf8')
  const { jobs } = parse(text) as { jobs: Record<string, { steps?: { uses?: string; with?: Record<string, string> }[] }> }
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? [])
  const pins = steps.filter(({ uses }) => uses === './conductor/actions/agents').map(({ with: given }) => given?.['k6'])
  expect(new Set(pins)).toEqual(new Set(['${{ inputs.k6 }}']))
})
