/**
 * A Dockerfile -> the list of instructions that Conftest hands to policies: `Cmd`, `SubCmd`, `JSON`, `Flags`, `Value` and `Stage` of each, and comments
 * that stand right before one. https://www.conftest.dev/examples/#docker. Pure.
 */
import { DockerfileParser } from 'dockerfile-ast'
import type { Instruction } from 'dockerfile-ast'

export interface DockerCommand {
  readonly Cmd: string
  /** Of ONBUILD; else empty. */
  readonly SubCmd: string
  /** Written as a list. */
  readonly JSON: boolean
  readonly Flags: readonly string[]
  readonly Value: readonly string[]
  /** From 0. */
  readonly Stage: number
}

const LISTS = new Set(['add', 'copy', 'volume'])
const MAY_BE_JSON = new Set([...LISTS, 'cmd', 'entrypoint', 'run', 'shell'])
const CONTINUED = /[\\`][ \t]*$/
const ONE_TEXT = new Set(['cmd', 'entrypoint', 'run', 'shell', 'maintainer', 'stopsignal', 'user', 'workdir'])

export function dockerCommands(text: string): readonly DockerCommand[] {
  const file = DockerfileParser.parse(text)
  const comments = new Map(file.getComments().map((comment) => [comment.getRange().start.line, comment.getContent()?.trim() ?? '']))
  const lines = text.split('\n')
  const directives = new Set(file.getDirectives().map((directive) => directive.getRange().start.line))
  let stage = -1
  return file.getInstructions().flatMap((instruction) => {
    const cmd = instruction.getKeyword().toLowerCase()
    if (cmd === 'from') stage += 1
    const Stage = Math.max(0, stage)
    const before: DockerCommand[] = []
    for (let line = instruction.getRange().start.line - 1; line >= 0 && !directives.has(line) && /^\s*#/.test(lines[line] ?? ''); line -= 1)
      before.unshift({
        Cmd: 'comment',
        SubCmd: '',
        JSON: false,
        Flags: [],
        Value: [comments.get(line) ?? (lines[line] ?? '').replace(/^\s*#\s*/, '').trim()],
        Stage,
      })
    return [...before, { Cmd: cmd, ...partsOf(cmd, textOf(instruction)), Stage }]
  })
}

/** Continued lines as one, without the comments between them. The body of a heredoc stays, for what it says is run. */
function textOf(instruction: Instruction): string {
  const lines = (instruction.getTextContent() ?? '').replace(/^\s*\S+/, '').split(/\r?\n/)
  let text = ''
  let isContinued = true
  for (const line of lines) {
    if (isContinued && text !== '' && /^\s*#/.test(line)) continue
    text += `${isContinued ? '' : '\n'}${line.replace(CONTINUED, '')}`
    isContinued = CONTINUED.test(line)
  }
  return text.trim()
}

function partsOf(cmd: string, text: string): Omit<DockerCommand, 'Cmd' | 'Stage'> {
  const { flags, rest } = flagsOf(text)
  if (cmd === 'onbuild') {
    const [, inner = '', below = ''] = /^(\S+)\s*([^]*)$/.exec(rest) ?? []
    return { ...partsOf(inner.toLowerCase(), below), SubCmd: inner, Flags: flags }
  }
  if (cmd === 'healthcheck') {
    const [, type = '', below = ''] = /^(\S+)\s*([^]*)$/.exec(rest) ?? []
    const inner = type.toUpperCase() === 'CMD' ? partsOf('cmd', below) : null
    return { SubCmd: '', JSON: inner?.JSON ?? false, Flags: flags, Value: [type.toUpperCase(), ...(inner?.Value ?? [])] }
  }
  const list = MAY_BE_JSON.has(cmd) ? jsonOf(rest) : null
  return { SubCmd: '', JSON: list !== null, Flags: flags, Value: list ?? valuesOf(cmd, rest) }
}

function valuesOf(cmd: string, text: string): string[] {
  if (text === '') return []
  if (ONE_TEXT.has(cmd)) return [text]
  const all = words(text)
  if (cmd !== 'env' && cmd !== 'label') return all
  if (all[0]?.includes('=') !== true) return [all[0] ?? '', text.replace(/^\S+\s*/, ''), '']
  return all.flatMap((word) => [word.slice(0, Math.max(0, word.indexOf('='))), word.slice(word.indexOf('=') + 1), '='])
}

function flagsOf(text: string): { readonly flags: string[]; readonly rest: string } {
  const flags: string[] = []
  let rest = text
  for (let found = /^--[^\s=]+(?:=\S*)?(?=\s|$)/.exec(rest); found !== null; found = /^--[^\s=]+(?:=\S*)?(?=\s|$)/.exec(rest)) {
    flags.push(found[0])
    rest = rest.slice(found[0].length).trimStart()
  }
  return { flags, rest }
}

function jsonOf(text: string): string[] | null {
  if (!text.startsWith('[')) return null
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((each) => typeof each === 'string') ? list : null
  } catch {
    return null
  }
}

/** Between spaces that no quote holds together; quotes stay. */
function words(text: string): string[] {
  return text.match(/(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\]|["'\\])+/g) ?? []
}
