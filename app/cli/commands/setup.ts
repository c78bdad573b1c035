/** `setup`: registers the App with GitHub by its manifest, and writes what `serve` needs. */
import { access, mkdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CliError } from '../error.ts'
import { writeNew } from '../evidence/files.ts'
import { convert, type Converted } from '../setup/convert.ts'
import { filesOf, NAMES, type NewFile } from '../setup/files.ts'
import { apiOf, formAddress, manifestOf } from '../setup/manifest.ts'
import { openSetupPage } from '../setup/page.ts'
import { EXIT } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

/** GitHub keeps a code as long. */
const LASTS_MS = 3_600_000

/** @throws CliError `usage` */
function addressOf(call: Call, option: string, otherwise: string | undefined, example: string): string {
  const given = call.text(option) ?? otherwise ?? ''
  const url = URL.canParse(given) ? new URL(given) : null
  const isLoopback = url?.hostname === '127.0.0.1' && option === 'github'
  if (url === null || (url.protocol !== 'https:' && !isLoopback) || url.username !== '' || url.search !== '' || url.hash !== '')
    throw new CliError(
      'usage',
      given === '' ? `--${option} is missing.` : `--${option}=${given.slice(0, 100)} is no https address.`,
      `Write ${example}.`,
    )
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

/** Beside package.json, from the sources as from the bundle. */
async function template(): Promise<string> {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const text = await readFile(join(folder, 'app.yml'), 'utf8').catch(() => null)
    if (text !== null) return text
  }
  throw new CliError('config', 'app.yml is not beside the program.', 'Install release-conductor again.')
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** GitHub tells the secrets once: when they cannot be kept, the person must make new ones. @throws CliError `config` */
async function written(out: string, files: readonly NewFile[], app: Converted): Promise<void> {
  try {
    for (const { name, content, mode } of files) await writeNew(join(out, name), content, mode)
  } catch (error) {
    throw new CliError(
      'config',
      `The App ${app.id} is registered, and its files could not all be written: ${error instanceof Error ? error.message : String(error)}`,
      `Make a new private key and webhook secret in its settings (${app.html_url}), or delete it there and run setup again.`,
      { cause: error },
    )
  }
}

export const setup: Verb = {
  name: 'setup',
  summary: 'Registers the App with GitHub, and writes what serve needs.',
  usage: '--url=ADDRESS --out=DIR [--org=NAME] [--name=NAME] [--github=ADDRESS]',
  examples: [
    [
      'release-conductor setup --url=https://conductor.example --org=acme --out=conductor',
      'shows an address for your browser; after GitHub asked you, operator.yml and its keys are in the folder',
    ],
  ],
  options: { url: { type: 'string' }, out: { type: 'string' }, org: { type: 'string' }, name: { type: 'string' }, github: { type: 'string' } },
  meaning: {
    url: 'where GitHub and people will reach the App; its webhook is registered there',
    out: 'folder for operator.yml, app.pem, .env, signing.pem and app.pub; no file is written over',
    org: 'organization that will own the App; without it you do',
    name: 'of the App, 34 characters at most; default release-conductor, with the organization before it',
    github: 'web address of your GitHub; default https://github.com',
  },
  words: { least: 0, most: 0 },
  async run(call) {
    const publicUrl = addressOf(call, 'url', undefined, '--url=https://conductor.example')
    const web = addressOf(call, 'github', 'https://github.com', '--github=https://github.example.com')
    const org = call.text('org') ?? null
    if (org !== null && !/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/.test(org))
      throw new CliError('usage', `--org=${org.slice(0, 60)} is no organization.`, 'Write its login, e.g. --org=acme.')
    const name = call.text('name') ?? `${org === null ? '' : `${org}-`}release-conductor`.slice(0, 34)
    if (!/^[\w .-]{1,34}$/.test(name)) throw new CliError('usage', `--name=${name.slice(0, 60)} is no name for an App.`, 'Use at most 34 letters.')
    const out = resolve(call.io.cwd, call.text('out') ?? '')
    if ((call.text('out') ?? '') === '') throw new CliError('usage', 'Where to?', 'Name a folder, e.g. --out=conductor.')
    await mkdir(out, { recursive: true, mode: 0o700 })
    for (const file of NAMES)
      if (await isThere(join(out, file)))
        throw new CliError('usage', `${join(out, file)} is there already, and is not written over.`, 'Choose another folder: --out=DIR.')

    const api = apiOf(web)
    const text = await template()
    const page = await openSetupPage({
      action: (state) => formAddress(web, org, state),
      manifest: (redirectUrl) => manifestOf(text, { name, publicUrl, redirectUrl }),
      convert: async (code) => {
        const app = await convert(api, code)
        await written(out, filesOf(app, api, publicUrl), app)
        return app
      },
      lastsMs: LASTS_MS,
    })
    try {
      call.io.out(`${JSON.stringify({ event: 'open', url: page.url })}\n`)
      const app = await Promise.race([page.done, call.io.ended.then(() => null)])
      if (app === null) return { exit: EXIT.no, text: 'Ended before GitHub answered; nothing was written.', data: { event: 'ended' } }
      return {
        exit: EXIT.ok,
        text: [
          `The App ${app.slug ?? name} is registered, number ${app.id}. Its files are in ${out}, secrets with mode 600.`,
          `1. Install it on your repositories: ${app.html_url}/installations/new`,
          `2. Name routers and metrics in ${join(out, 'operator.yml')}.`,
          `3. Start it with the variables of ${join(out, '.env')}: release-conductor serve --operator=${join(out, 'operator.yml')}`,
        ].join('\n'),
        data: { event: 'registered', app_id: app.id, slug: app.slug ?? null, html_url: app.html_url, files: NAMES.map((file) => join(out, file)) },
      }
    } finally {
      await page.close()
    }
  },
}
