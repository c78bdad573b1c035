/** The rules for Dockerfiles. Each takes what it needs and answers with findings; none knows of exceptions, which are the gate's. */
import { Add, Arg, Env } from 'dockerfile-ast'
import type { Instruction } from 'dockerfile-ast'
import type { Finding } from '../../evidence/model/finding.ts'
import { namesSecret, secretIn } from './infrasec.secrets.ts'
import { lineOf, recipeOf, userOf } from './infrasec.stages.ts'
import type { Stage } from './infrasec.stages.ts'

const DIGEST = /@sha256:[0-9a-f]{64}$/

/** Path and text of one Dockerfile -> everything wrong with it. */
export function dockerfileFindings(path: string, text: string): Finding[] {
  const error = (rule: string, line: number, message: string, next: string): Finding => ({
    rule: `image.${rule}`,
    severity: 'error',
    path: path.slice(0, 500),
    line,
    message: message.slice(0, 1000),
    next,
  })
  const recipe = recipeOf(text)
  if (recipe === null)
    return [error('no-stage', 1, 'The file has no FROM: nothing in it builds an image', 'Add a FROM, or give the file another name.')]
  const final = recipe.stages.at(-1)
  return [
    ...recipe.globals.flatMap((instruction) => secretFindings(instruction, error)),
    ...recipe.stages.flatMap((stage) => [
      ...baseFindings(stage, error),
      ...stage.instructions.flatMap((instruction) => [
        ...secretFindings(instruction, error),
        ...pipeFindings(instruction, error),
        ...addFindings(instruction, error),
      ]),
    ]),
    ...(final === undefined ? [] : userFindings(final, error)),
  ]
}

type Report = (rule: string, line: number, message: string, next: string) => Finding

function baseFindings(stage: Stage, error: Report): Finding[] {
  if (stage.parent !== null || stage.base?.toLowerCase() === 'scratch') return []
  const next = 'Pin the base image by digest: `FROM name:tag@sha256:...`.'
  if (stage.base === null)
    return [error('base-unpinned', stage.line, `The base ${stage.image} depends on a variable without a default, so nothing pins it`, next)]
  if (DIGEST.test(stage.base)) return []
  const tag = /:([\w][\w.-]*)$/.exec(stage.base.split('@')[0] ?? '')?.[1]
  const why = stage.base.includes('@')
    ? 'its digest is not a SHA-256'
    : tag === undefined
      ? 'it has neither tag nor digest'
      : `the tag ${tag} can move`
  return [error('base-unpinned', stage.line, `The base ${stage.base} is not pinned: ${why}`, next)]
}

/** Root by name or number, with or without a group, or hidden in a variable. */
function userFindings(stage: Stage, error: Report): Finding[] {
  const next = 'End the final stage with `USER <number>`, not 0.'
  const found = userOf(stage)
  if (found === null)
    return [error('user-root', stage.line, 'The final stage names no USER, so the container runs as whatever its base says, most often root', next)]
  const user = (found.user.split(':')[0] ?? '').replaceAll(/["']/g, '').trim()
  if (user === '' || /^root$/i.test(user) || /^0+$/.test(user))
    return [error('user-root', found.line, `The final stage runs as ${user || 'nobody named'}`, next)]
  if (user.includes('$')) return [error('user-root', found.line, `The user ${user} depends on a variable, so it can be root`, next)]
  return []
}

function secretFindings(instruction: Instruction, error: Report): Finding[] {
  if (!(instruction instanceof Env || instruction instanceof Arg)) return []
  const kind = instruction instanceof Env ? 'env' : 'arg'
  return instruction.getProperties().flatMap((property) => {
    const name = property.getName()
    const value = property.getValue()
    const why = secretIn(name, value) ?? (kind === 'arg' && namesSecret(name) ? 'an ARG stays in the history of the image' : null)
    if (why === null) return []
    const message = `${kind.toUpperCase()} ${name.slice(0, 100)} looks like a secret: ${why}`
    return [
      error(
        `secret-in-${kind}`,
        lineOf(instruction),
        message,
        'Use `RUN --mount=type=secret` at build time, and the environment at run time; then replace the secret.',
      ),
    ]
  })
}

const FETCH = /\b(?:curl|wget)\b/i
const SHELL = /^\s*(?:(?:\/\S*\/)?(?:sudo|env|exec|command|nohup|time)(?:\s+-\S+)*\s+|[A-Za-z_]\w*=\S*\s+)*(?:\/\S*\/)?(?:ba|da|z|k|a|fi|c|tc)?sh\b/i
const SUBSHELL = /(?:\b(?:ba|da|z|k|a)?sh\s+-c\s+|\beval\s+|\bsource\s+|(?:ba|da|z|k|a)?sh\s+)["']?(?:\$\(|`|<\()\s*(?:curl|wget)\b/i
const OTHER = /^\s*(?:sudo\s+(?:-\S+\s+)*)?(?:\/\S*\/)?(?:python[\d.]*|perl|ruby|node|php)\b(?:\s+-)?\s*(?:$|[;&])/i

/** A download that runs before anybody could look at it. Quotes do not hide it: `sh -c "curl ... | sh"` is found too. */
export function pipesToShell(command: string): boolean {
  for (const line of command.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n|&&|;|\|\|/)) {
    const parts = line.split(/\|&?/)
    const from = parts.findIndex((part) => FETCH.test(part))
    if (from !== -1 && parts.slice(from + 1).some((part) => SHELL.test(part) || OTHER.test(part.replace(/["'\]]+\s*$/, '')))) return true
    if (SUBSHELL.test(line)) return true
  }
  return false
}

function pipeFindings(instruction: Instruction, error: Report): Finding[] {
  const keyword = instruction.getKeyword()
  const content = instruction.getArgumentsContent() ?? ''
  const runs = keyword === 'RUN' || keyword === 'CMD' || keyword === 'ENTRYPOINT' || (keyword === 'ONBUILD' && /^\s*RUN\b/i.test(content))
  if (!runs || !pipesToShell(content)) return []
  const next = 'Download to a file, check its SHA-256, then run it.'
  return [error('pipe-to-shell', lineOf(instruction), 'A download is piped straight into a shell', next)]
}

function addFindings(instruction: Instruction, error: Report): Finding[] {
  if (!(instruction instanceof Add)) return []
  const remote = instruction.getArguments().some((argument) => /^["'[]*(?:https?|ftp|git|ssh):\/\/|^["'[]*git@/i.test(argument.getValue()))
  const checked = instruction.getFlags().some((flag) => flag.getName() === 'checksum' && /^sha256:[0-9a-f]{64}$/.test(flag.getValue() ?? ''))
  if (!remote || checked) return []
  return [
    error(
      'add-url',
      lineOf(instruction),
      'ADD fetches an address whose content nothing checks',
      'Give `ADD --checksum=sha256:...`, or COPY a file of the repository.',
    ),
  ]
}
