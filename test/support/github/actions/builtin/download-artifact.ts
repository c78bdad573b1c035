/** actions/download-artifact, for artifacts of this run: by name, by id or by pattern; a zip that is not the one the server recorded fails the step. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RunnerError } from '../error.ts'
import { unzip } from '../unzip.ts'
import type { Builtin } from './builtin.ts'
import { inside } from './place.ts'

export const downloadArtifact: Builtin = {
  name: 'actions/download-artifact',
  commits: { '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c': 'v8.0.1', '70fc10c6e5e1ce46ad2ea6f2b72d43f7d47b13c3': 'v8.0.0' },
  inputs: { name: '', 'artifact-ids': '', pattern: '', path: '.', 'skip-decompress': 'false', 'digest-mismatch': 'error' },
  check(given, where) {
    if (['name', 'artifact-ids', 'pattern'].filter((input) => given[input] !== '').length !== 1)
      throw new RunnerError('bad-input', `${where}: give one of name, artifact-ids and pattern`)
    if (/[^A-Za-z0-9._*-]/.test((given['pattern'] ?? '').replaceAll(/\$\{\{[^}]*\}\}/g, '')))
      throw new RunnerError('bad-input', `${where}: of patterns only * is known here`)
    if (given['digest-mismatch'] !== 'error') throw new RunnerError('bad-input', `${where}: digest-mismatch must stay error`)
  },
  async run({ request, workspace, temp, input, log }) {
    const stored = request.listArtifacts()
    const ids = input('artifact-ids')
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== '')
    const pattern = new RegExp(
      `^${input('pattern')
        .replaceAll('.', String.raw`\.`)
        .replaceAll('*', '[^/]*')}$`,
    )
    const wanted = stored.filter((artifact) =>
      input('pattern') !== ''
        ? pattern.test(artifact.name)
        : input('name') === ''
          ? ids.includes(String(artifact.id))
          : artifact.name === input('name'),
    )
    // A pattern that nothing fits is no error, as in the real one.
    if ((wanted.length === 0 && input('pattern') === '') || (ids.length > 0 && wanted.length !== ids.length))
      throw new RunnerError('step-failed', `this run has no artifact ${input('name') || ids.join(', ')}`)
    const path = inside([workspace, temp], input('path'))
    for (const artifact of wanted) {
      const zip = await request.getArtifact(artifact.id)
      if (zip === null) throw new RunnerError('step-failed', `artifact ${artifact.id} is gone`)
      const digest = `sha256:${createHash('sha256').update(zip).digest('hex')}`
      if (digest !== artifact.digest)
        throw new RunnerError('step-failed', `artifact ${artifact.id} has digest ${digest}, but ${artifact.digest} was recorded`)
      const target = wanted.length === 1 && input('pattern') === '' ? path : join(path, artifact.name)
      await mkdir(target, { recursive: true })
      if (input('skip-decompress') === 'true') await writeFile(join(target, `${artifact.name}.zip`), zip)
      else
        for (const [name, bytes] of unzip(zip)) {
          await mkdir(dirname(join(target, name)), { recursive: true })
          await writeFile(join(target, name), bytes)
        }
      log.write(`downloaded ${artifact.name} (${artifact.id}), ${digest}`)
    }
    return { 'download-path': path }
  },
}
