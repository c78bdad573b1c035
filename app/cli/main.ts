/** `release-conductor <command>`: finds the verb, parses its options, prints its answer, ends with its exit code. */
import { parseArgs } from 'node:util'
import type { ParseArgsOptionsConfig } from 'node:util'
import { nearest } from '../../evidence/config/nearest.ts'
import { CliError, unknownWord } from './error.ts'
import { helpOf, overview, printAnswer, printError } from './output.ts'
import { EXIT } from './verb.ts'
import type { Call, Exit, Io, Verb } from './verb.ts'
import { LOADERS } from './verbs.ts'

/** @param argv without node and script @returns the exit code; never throws */
export async function main(argv: readonly string[], io: Io): Promise<Exit> {
  const json = argv.includes('--json')
  try {
    const [word, ...rest] = argv
    if (word === undefined || word === 'help' || word === '--help' || word === '-h') {
      const asked = rest.find((each) => !each.startsWith('-'))
      io.out(`${asked === undefined ? overview((await import('./commands/index.ts')).VERBS) : helpOf(await verbOf(asked))}\n`)
      return EXIT.ok
    }
    const verb = await verbOf(word, rest)
    if (rest.includes('--help') || rest.includes('-h')) {
      io.out(`${helpOf(verb)}\n`)
      return EXIT.ok
    }
    const answer = await verb.run(callOf(verb, rest, io))
    printAnswer(io, answer, json)
    return answer.exit
  } catch (error) {
    if (error instanceof CliError) {
      printError(io, error, json)
      return error.exit
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    printError(
      io,
      {
        code: 'crashed',
        message: `The command crashed: ${message}`,
        next: 'This is a defect of release-conductor. Nothing was decided; report it with the lines above.',
      },
      json,
    )
    return EXIT.unavailable
  }
}

async function verbOf(word: string, args: readonly string[] = []): Promise<Verb> {
  const load = Object.hasOwn(LOADERS, word) ? LOADERS[word] : undefined
  if (load !== undefined) return load(args)
  throw unknownWord('command', word, Object.keys(LOADERS), 'Run `release-conductor help` for all.', (meant) => `\`release-conductor ${meant}\``)
}

/** A verb with its options and words, read. @throws CliError `usage` */
export function callOf(verb: Verb, args: readonly string[], io: Io): Call {
  const parsed = parse(verb, args)
  const { least, most } = verb.words
  const usage = `Usage: release-conductor ${verb.name} ${verb.usage}`.trimEnd()
  if (parsed.positionals.length < least) throw new CliError('usage', `\`${verb.name}\` needs more words.`, usage)
  if (parsed.positionals.length > most)
    throw new CliError('usage', `\`${verb.name}\` does not know what to do with \`${parsed.positionals[most] ?? ''}\`.`, usage)
  const value = (option: string) => (Object.hasOwn(parsed.values, option) ? parsed.values[option] : undefined)
  return {
    io,
    words: parsed.positionals,
    text: (option) => [value(option)].flat().find((each) => typeof each === 'string'),
    texts: (option) => [value(option)].flat().filter((each) => typeof each === 'string'),
    flag: (option) => value(option) === true,
  }
}

function parse(verb: Verb, args: readonly string[]) {
  const options: ParseArgsOptionsConfig = { ...verb.options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const unknown = /Unknown option '--?([^'=]+)/.exec(message)?.[1]
    const meant = unknown === undefined ? undefined : nearest(unknown, Object.keys(options))
    const told = unknown === undefined ? message.split('. To specify')[0] : `\`${verb.name}\` has no option --${unknown}.`
    throw new CliError(
      'usage',
      told ?? message,
      meant === undefined
        ? `Run \`release-conductor ${verb.name} --help\`.`
        : `Did you mean --${meant}? Run \`release-conductor ${verb.name} --help\`.`,
      { cause: error },
    )
  }
}

const ENDING = ['SIGTERM', 'SIGINT'] as const
/** What still runs after a command has answered (a call that hangs) does not keep the process longer. */
const LINGER_MS = 1_000

/** Runs the command that this process was started with, and sets its exit code. */
export async function runProcess(): Promise<void> {
  // The first signal asks for an end. Its listeners go with it, so a second one, of either kind, ends the process at once.
  const ended = new Promise<string>((resolve) => {
    const ask = (signal: NodeJS.Signals): void => {
      for (const each of ENDING) process.off(each, ask)
      resolve(signal)
    }
    for (const each of ENDING) process.on(each, ask)
  })
  process.stdout.on('error', () => {})
  process.exitCode = await main(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
    input: () => process.stdin,
    ended,
  })
  setTimeout(() => process.exit(), LINGER_MS).unref()
}

if (import.meta.main) await runProcess()
