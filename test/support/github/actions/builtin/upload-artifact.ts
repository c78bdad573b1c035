/** actions/upload-artifact: one immutable artifact a name; hidden files stay behind unless asked for; no patterns. */
import { cp, lstat, mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { RunnerError } from '../error.ts'
import type { Builtin } from './builtin.ts'
import { inside } from './place.ts'

export const uploadArtifact: Builtin = {
  name: 'actions/upload-artifact',
  commits: { bbbca2ddaa5d8feaa63e36b76fdaad77386f024f: 'v7.0.0', b7c566a772e6b6bfb58ed0dc250532a479d7789f: 'v6.0.0' },
  inputs: { name: 'artifact', path: '', 'if-no-files-found': 'warn', 'retention-days': '', 'include-hidden-files': 'false' },
  check(given, where) {
    if (!['warn', 'error', 'ignore'].includes(given['if-no-files-found'] ?? ''))
      throw new RunnerError('bad-input', `${where}: if-no-files-found is warn, error or ignore`)
    if (/[*?[\]!]/.test((given['path'] ?? '').replaceAll(/\$\{\{.*?\}\}/g, '')))
      throw new RunnerError('bad-input', `${where}: this runner uploads paths, not patterns`)
  },
  async run({ request, workspace, temp, input, log }) {
    const name = input('name')
    if (name === '' || /["<>|*?\r\n\\/:]/.test(name))
      throw new RunnerError('bad-input', `artifact name ${JSON.stringify(name)} has characters that are not allowed`)
    const days = input('retention-days')
    if (days !== '' && !(Number(days) >= 1 && Number(days) <= 90)) throw new RunnerError('bad-input', `retention-days ${days} is not 1 to 90`)
    const roots = input('path')
      .split('\n')
      .map((path) => path.trim())
      .filter((path) => path !== '')
      .map((path) => inside([workspace, temp], path))
    if (roots.length === 0) throw new RunnerError('bad-input', 'upload-artifact needs a path')
    const files = (await Promise.all(roots.map((root) => filesBelow(root, input('include-hidden-files') === 'true')))).flat()
    if (files.length === 0) {
      const message = `no files were found at ${input('path').trim()}`
      if (input('if-no-files-found') === 'error') throw new RunnerError('step-failed', message)
      if (input('if-no-files-found') === 'warn') log.read(`::warning::${message}`)
      return {}
    }
    const top = await commonFolder(roots)
    const staging = await mkdtemp(join(temp, 'upload-'))
    for (const file of files) {
      const target = join(staging, relative(top, file))
      await mkdir(dirname(target), { recursive: true })
      await cp(file, target)
    }
    const stored = await request.putArtifact({ name, dir: staging })
    const { owner, name: repository } = request.repository
    log.write(`uploaded ${name}: ${files.length} files, artifact ${stored.id}, ${stored.digest}`)
    return {
      'artifact-id': String(stored.id),
      'artifact-digest': stored.digest.replace(/^sha256:/, ''),
      'artifact-url': `${request.serverUrl}/${owner}/${repository}/actions/runs/${request.runId}/artifacts/${stored.id}`,
    }
  },
}

async function filesBelow(path: string, hidden: boolean): Promise<string[]> {
  if (!hidden && basename(path).startsWith('.')) return []
  const found = await lstat(path).catch(() => null)
  if (found === null) return []
  if (found.isFile()) return [path]
  if (!found.isDirectory()) throw new RunnerError('bad-input', `${path} is neither a file nor a directory`)
  const names = (await readdir(path)).toSorted()
  return (await Promise.all(names.map((name) => filesBelow(join(path, name), hidden)))).flat()
}

/** One directory: its content is the root of the artifact. One file: the file is. Several: what they have in common. */
async function commonFolder(roots: readonly string[]): Promise<string> {
  const folders = await Promise.all(roots.map(async (root) => ((await lstat(root).catch(() => null))?.isDirectory() === true ? root : dirname(root))))
  return folders.reduce((common, folder) => {
    const parts = common.split('/')
    const others = folder.split('/')
    const differs = parts.findIndex((part, index) => part !== others[index])
    return differs < 0 ? common : parts.slice(0, differs).join('/') || '/'
  })
}
