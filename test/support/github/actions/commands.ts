/**
 * What a step says back to the runner: workflow commands on its standard output, and files (outputs, environment, path, summary).
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
import { RunnerError } from './error.ts'

export interface Annotation {
  readonly level: 'notice' | 'warning' | 'error'
  readonly message: string
  readonly title?: string
  readonly file?: string
  readonly line?: number
}

const MARK = '***'

/** The log of one job: reads commands, keeps annotations, hides secrets. Secrets shorter than 4 characters are not hidden, or every log would be stars. */
export class JobLog {
  readonly lines: string[] = []
  readonly annotations: Annotation[] = []
  readonly #masks = new Set<string>()
  #stopped: string | null = null

  mask(secret: string): void {
    for (const line of [secret, ...secret.split(/\r?\n/)]) if (line.trim().length >= 4) this.#masks.add(line)
  }

  /** Would this text show a secret? */
  leaks(text: string): boolean {
    return [...this.#masks].some((secret) => text.includes(secret))
  }

  hide(text: string): string {
    return [...this.#masks].sort((a, b) => b.length - a.length).reduce((shown, secret) => shown.replaceAll(secret, MARK), text)
  }

  write(line: string): void {
    this.lines.push(this.hide(line))
  }

  /** One line of a step's output. @throws RunnerError `bad-command` for a command this runner does not know, or that GitHub has taken away */
  read(line: string): void {
    const match = /^::([a-zA-Z][a-zA-Z0-9-]*)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/.exec(line.trimStart())
    if (this.#stopped !== null) {
      if (line.trim() === `::${this.#stopped}::`) this.#stopped = null
      else this.write(line)
      return
    }
    if (match === null) {
      this.write(line)
      return
    }
    this.#command(match[1] ?? '', properties(match[2] ?? ''), unescape(match[3] ?? ''), line)
  }

  #command(name: string, of: Readonly<Record<string, string>>, value: string, line: string): void {
    switch (name) {
      case 'add-mask':
        this.mask(value)
        return
      case 'stop-commands':
        this.#stopped = value
        return
      case 'notice':
      case 'warning':
      case 'error':
        this.annotations.push({
          level: name,
          message: this.hide(value),
          ...(of['title'] === undefined ? {} : { title: this.hide(of['title']) }),
          ...(of['file'] === undefined ? {} : { file: of['file'] }),
          ...(of['line'] === undefined ? {} : { line: Number(of['line']) }),
        })
        this.write(`${name}: ${value}`)
        return
      case 'debug':
      case 'group':
      case 'endgroup':
        this.write(value)
        return
      default:
        throw new RunnerError('bad-command', `workflow command ${name} is not one of this runner: ${line.slice(0, 200)}`)
    }
  }
}

function unescape(value: string): string {
  return value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%')
}

function properties(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.includes('='))
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), unescape(pair.slice(pair.indexOf('=') + 1))]))
}

/** `name=value` and `name<<DELIMITER` lines of GITHUB_OUTPUT, GITHUB_ENV, GITHUB_STATE -> pairs. @throws RunnerError `bad-command` */
export function readPairs(text: string, file: string): Map<string, string> {
  const pairs = new Map<string, string>()
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (line === '') continue
    const block = /^([^=<]+)<<(.+)$/.exec(line)
    if (block !== null) {
      const end = lines.indexOf(block[2] ?? '', index + 1)
      if (end < 0) throw new RunnerError('bad-command', `${file}: no line closes ${block[1]} with its delimiter`)
      pairs.set(block[1] ?? '', lines.slice(index + 1, end).join('\n'))
      index = end
      continue
    }
    const equals = line.indexOf('=')
    if (equals < 1) throw new RunnerError('bad-command', `${file}: a line is neither name=value nor name<<DELIMITER`)
    pairs.set(line.slice(0, equals), line.slice(equals + 1))
  }
  return pairs
}

/** GITHUB_ENV may not change what belongs to the runner. @throws RunnerError `bad-command` */
export function readEnvironment(text: string): Map<string, string> {
  const pairs = readPairs(text, 'GITHUB_ENV')
  for (const name of pairs.keys())
    if (/^(GITHUB|RUNNER|ACTIONS)_|^NODE_OPTIONS$/.test(name)) throw new RunnerError('bad-command', `GITHUB_ENV may not set ${name}`)
  return pairs
}
