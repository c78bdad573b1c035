/**
 * Our Dockerfile carried out without an image: its copies and commands in a folder, then what its final stage holds, run as the user it names, who may
 * write nothing there. The bases themselves are not in this: the C library is that of the machine.
 */
import { spawn } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { carryOut, stages, wordsOf } from '../deploy/image-recipe.ts'
import { operatorFile, SECRET } from '../support/deliveries.ts'
import { NETWORK } from '../support/network.ts'
import { ended, toolFile } from '../support/tools.ts'

/** It installs packages; RC_TOOLS says that this is wanted. */
const WANTED = toolFile('.')
const USER = 65532
/** Only root may become somebody else; for others the folder is made read-only. */
const AS_USER = process.getuid?.() === 0 ? { uid: USER, gid: USER } : {}

describe.skipIf(WANTED === null)('our image (skipped without RC_TOOLS)', () => {
  let place = ''
  let app = ''
  const env = { NODE_ENV: 'production', PATH: '/nowhere' }

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'own-image-'))
    await chmod(place, 0o755)
    const [build, final] = stages()
    const outside = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', CI: 'true', ...NETWORK }
    await carryOut(build, join(place, 'build'), null, outside)
    app = join(place, 'app')
    await carryOut(final, app, join(place, 'build'), outside)
    await rm(join(place, 'build'), { recursive: true })
    await ended('chmod', ['-R', 'a-w,a+rX', app])
  })

  afterAll(async () => {
    await ended('chmod', ['-R', 'u+w', place])
    await rm(place, { recursive: true, force: true })
  })

  const command = () => wordsOf(stages()[1], 'ENTRYPOINT').map((word) => word.replace(/^\/app\//, `${app}/`)) as [string, ...string[]]

  test('it holds what is needed to run, and nothing that only builds or tests', async () => {
    const installed = await readdir(join(app, 'node_modules'))
    expect(installed).toContain('probot')
    expect(installed.filter((name) => ['vitest', 'typescript', 'rolldown', 'oxlint'].includes(name))).toEqual([])
    expect((await readdir(app)).toSorted()).toEqual(['LICENSE', 'app.yml', 'data', 'dist', 'node', 'node_modules', 'package.json'])
  })

  test('its Node is the one of the lockfile', async () => {
    const { out } = await ended(join(app, 'node'), ['--version'])
    expect(out.trim()).toBe(process.version)
  })

  test('it serves as its user, who may write to the data alone, passes its own health check, and ends when asked', async () => {
    const data = join(place, 'data')
    await mkdir(data)
    operatorFile(data)
    for (const name of ['', ...(await readdir(data))]) if (AS_USER.uid !== undefined) await chown(join(data, name), USER, USER)
    const [node, ...words] = command()
    const child = spawn(node, [...words, 'serve', `--operator=${join(data, 'operator.yml')}`], {
      ...AS_USER,
      cwd: app,
      env: { ...env, WEBHOOK_SECRET: SECRET },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const end = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)))
    const lines: string[] = []
    const url = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on('line', (line) => {
          lines.push(line)
          if (line.includes('"The App listens."')) resolve((JSON.parse(line) as { url: string }).url)
        })
      void end.then((code) => reject(new Error(`it ended with ${code}: ${lines.join('\n')}`)))
    })
    const [, ...check] = wordsOf(stages()[1], 'HEALTHCHECK').map((word) => word.replace('http://127.0.0.1:3000', url))
    const health = () => ended(node, check, { env })
    const alive = await health()
    child.kill('SIGTERM')
    expect([alive.code, await end, (await health()).code]).toEqual([0, 0, 1])
  })
})
