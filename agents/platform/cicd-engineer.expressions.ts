/** What a `${{ }}` would paste into a script: text that a stranger writes, text that somebody with the right to start the workflow writes, or neither. Pure. */

export interface Pasted {
  /** `github.event.issue.title` */
  readonly context: string
  readonly by: 'stranger' | 'caller'
}

/** Last words of what strangers write: titles, texts, names, branches. The rest below `github.event` is numbers, commits, dates and logins. */
const WRITTEN = new Set([
  'title',
  'body',
  'message',
  'name',
  'email',
  'label',
  'ref',
  'page_name',
  'head_branch',
  'display_title',
  'description',
  'homepage',
  'tag_name',
  'target_commitish',
])
/** Whole objects that hold such text. */
const WHOLE =
  /^github(?:\.event(?:\.(?:issue|pull_request|comment|review|review_comment|discussion|commits|head_commit|pages|workflow_run|release|changes)(?:\.\*)?)?)?$/
/** Of the repository itself: only its owner names these. */
const OWNED = /^github\.event\.(?:repository|organization|sender|installation)\./
const BRANCH = /^github\.(?:ref|ref_name|base_ref)$/
const CALLER = /^(?:inputs|github\.event\.(?:inputs|client_payload))(?:\.|$)/
const CONTEXT = /\b(github|inputs|env|secrets)((?:\s*\.\s*[\w*-]+|\s*\[[^\]]*\])*)/gi
/** It answers true or false, and nobody's text. */
const QUESTION = /^\s*!?\s*(?:(?:contains|startsWith|endsWith|hashFiles|always|failure|success|cancelled)\s*\(|[^&|]*[=!<>]=?[^&|]*$)/i

/** The insides of every `${{ }}`. */
export function expressionsOf(text: string): string[] {
  return [...text.matchAll(/\$\{\{([\s\S]*?)\}\}/g)].map((match) => match[1] ?? '')
}

/** `github.event['issue'].title` -> `github.event.issue.title`, lower case. */
export function contextsOf(expression: string): string[] {
  return [...expression.matchAll(CONTEXT)].map(([, root = '', rest = '']) => {
    const path = rest
      .replaceAll(/\s+/g, '')
      .replaceAll(/\['([^']*)'\]/g, '.$1')
      .replaceAll(/\[[^\]]*\]/g, '.*')
    return `${root}${path}`.toLowerCase()
  })
}

/** @param env names of variables of the job that hold a stranger's text */
export function pastedBy(text: string, env: ReadonlySet<string> = new Set()): Pasted[] {
  return expressionsOf(text)
    .filter((expression) => !QUESTION.test(expression) || /&&|\|\|/.test(expression))
    .flatMap((expression) => contextsOf(withoutTexts(expression)).flatMap((context) => judged(context, env)))
}

/** Quoted texts are no contexts; those in brackets are keys and stay. */
function withoutTexts(expression: string): string {
  return expression.replaceAll(/(\[\s*)?'(?:[^']|'')*'/g, (found, bracket?: string) => (bracket === undefined ? "''" : found))
}

function judged(context: string, env: ReadonlySet<string>): Pasted[] {
  const of = (by: Pasted['by']): Pasted[] => [{ context, by }]
  if (context.startsWith('env.')) return env.has(context.slice('env.'.length)) ? of('stranger') : []
  if (context === 'github.head_ref' || WHOLE.test(context)) return of('stranger')
  if (CALLER.test(context) || BRANCH.test(context)) return of('caller')
  if (!context.startsWith('github.event.') || OWNED.test(context)) return []
  return WRITTEN.has(context.slice(context.lastIndexOf('.') + 1)) || context.endsWith('.head.repo.default_branch') ? of('stranger') : []
}
