/** `serve`: runs the App in this process until it is asked to end. The App, with everything it needs, is loaded only here. */
import { resolve } from 'node:path'
import { CliError } from '../error.ts'
import { EXIT } from '../verb.ts'
import type { Verb } from '../verb.ts'

/** A wrong operator file or a missing secret is the operator's to mend; anything else is a dependency that is not there. */
function notStarted(error: unknown): CliError {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && 'exitCode' in error && error.exitCode === EXIT.usage)
    return new CliError(
      'config',
      `The App does not start: ${message}`,
      'Mend the operator file or the environment, and start it again. `release-conductor doctor --operator=FILE` looks at both.',
      { cause: error },
    )
  return new CliError('unavailable', `The App could not start: ${message}`, 'Look at the message: a store, an address or a disk is not there.', {
    cause: error,
  })
}

export const serve: Verb = {
  name: 'serve',
  summary: 'Runs the App: webhooks, gates, rollout.',
  usage: '--operator=FILE',
  examples: [
    [
      'release-conductor serve --operator=operator.yml',
      'runs until SIGTERM or SIGINT; the file names addresses and secrets, which never stand in a repository',
    ],
  ],
  options: { operator: { type: 'string' } },
  meaning: { operator: "the operator's own file: App id, key, webhook secrets, routers, metrics sources, store" },
  words: { least: 0, most: 0 },
  async run(call) {
    const operator = call.text('operator')
    if (operator === undefined || operator === '')
      throw new CliError(
        'usage',
        'The App needs to know where things are.',
        'Name the operator file: release-conductor serve --operator=operator.yml',
      )
    const app = await import('../../index.ts')
    const running = await app.serve(resolve(call.io.cwd, operator)).catch((error: unknown) => {
      throw notStarted(error)
    })
    const signal = await call.io.ended
    await running.close()
    return { exit: EXIT.ok, text: `Ended by ${signal}.`, data: { ended: signal } }
  },
}
