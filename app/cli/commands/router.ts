/** `router`: the embedded weighted proxy as a process of its own. */
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Verb } from '../verb.ts'

const MAY = ['sticky', 'drain'] as const
const NEEDED = ['listen', 'admin', 'stable', 'canary', 'state'] as const

export const router: Verb = {
  name: 'router',
  summary: 'Runs the weighted proxy that splits traffic between two versions.',
  usage: '--listen=HOST:PORT --admin=HOST:PORT --stable=URL --canary=URL --state=FILE [--sticky=BY] [--drain=TIME]',
  examples: [
    [
      'release-conductor router --listen=127.0.0.1:8080 --admin=127.0.0.1:8081 --stable=http://127.0.0.1:9001 --canary=http://127.0.0.1:9002 --state=weight.json',
      'all traffic goes to stable until the App sets a weight over the admin address; the token for it is ROUTER_TOKEN',
    ],
  ],
  options: {
    listen: { type: 'string' },
    admin: { type: 'string' },
    stable: { type: 'string' },
    canary: { type: 'string' },
    state: { type: 'string' },
    sticky: { type: 'string' },
    drain: { type: 'string' },
  },
  meaning: {
    listen: 'where users arrive',
    admin: 'where the App sets the weight; never open it to users',
    stable: 'the version that runs',
    canary: 'the version that comes',
    state: 'file that keeps the weight over a restart',
    sticky: 'who stays with one version: address, header:NAME or cookie:NAME; without it each request is drawn by itself',
    drain: 'time that a version without weight has to finish what is open; 60s by default',
  },
  words: { least: 0, most: 0 },
  async run(call) {
    const missing = NEEDED.filter((option) => call.text(option) === undefined)
    if (missing.length > 0)
      throw new CliError('usage', `The router needs ${missing.map((option) => `--${option}`).join(', ')}.`, 'Run `release-conductor router --help`.')
    const { RouterError } = await import('../../rollout/routers/router.ts')
    const { runRouter } = await import('../../rollout/routers/main.ts')
    const args = [...NEEDED, ...MAY].flatMap((option) => (call.text(option) === undefined ? [] : [`--${option}=${call.text(option) ?? ''}`]))
    const proxy = await runRouter(args, call.io.env, (message) => call.io.err(`${message}\n`)).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      throw new CliError(
        error instanceof RouterError && error.code === 'invalid' ? 'usage' : 'unavailable',
        message,
        'Check the addresses, and that nothing else listens there.',
        { cause: error },
      )
    })
    call.io.out(`${JSON.stringify({ event: 'listening', url: proxy.url, admin: proxy.adminUrl, percent: proxy.percent() })}\n`)
    const signal = await call.io.ended
    await proxy.close()
    return { exit: EXIT.ok, text: `Ended by ${signal}.`, data: { event: 'ended', by: signal } }
  },
}
