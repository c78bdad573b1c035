/** The fields of a form -> what a comment would have said, so that both are read by the same parser. Pure. */
import type { Command } from '../commands/command.ts'
import { parse } from '../commands/parse.ts'

export type Said = { readonly text: string; readonly command: Command } | { readonly wrong: string }

/** @param fields `command`, and with it `line` or `reason` */
export function saidIn(fields: Pick<URLSearchParams, 'get'>): Said {
  const [command, line, reason] = ['command', 'line', 'reason'].map((name) => fields.get(name) ?? '') as [string, string, string]
  if (/[\r\n]/.test(line + reason)) return { wrong: 'A command and its reason stand on one line each.' }
  const text = textOf(command, line, reason.trim())
  const parsed = text === null ? null : parse(text)
  if (text === null || parsed === null) return { wrong: 'That is no command. /help shows what there is.' }
  switch (parsed.kind) {
    case 'command':
      return command === 'other' || parsed.command.name === command
        ? { text, command: parsed.command }
        : { wrong: 'The form says two different commands.' }
    case 'malformed':
      return { wrong: `${parsed.message} It is written ${parsed.usage}.` }
    case 'unknown':
      return { wrong: `There is no command /${parsed.said}.${parsed.suggestion === null ? '' : ` Did you mean /${parsed.suggestion}?`}` }
  }
}

function textOf(command: string, line: string, reason: string): string | null {
  const below = reason === '' ? '' : `\nreason: ${reason}`
  if (command === 'promote' || command === 'other') return `${line}${below}`
  if (command === 'approve') return `/approve${below}`
  if (command === 'resume') return '/resume'
  return command === 'hold' || command === 'rollback' ? `/${command} ${reason}` : null
}
