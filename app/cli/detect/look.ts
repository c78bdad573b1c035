/** Looks through a checkout with the very collectors and agents that will look at its releases, so that what is declared absent is what they do not find. */
import { parse } from 'yaml'
import { blobText, tree, type TreeEntry } from '../../../agents/collect/git.ts'
import type { CollectContext } from '../../../agents/collect/collector.ts'
import { AGENTS } from '../../../agents/index.ts'
import { conduct } from '../../../agents/run.ts'
import { Phase } from '../../../evidence/model/phases.ts'
import { GATES } from '../../../gates/index.ts'
import { detectedConfig, type Found, type FoundTopic } from './config-text.ts'

/** About the release itself, or about GitHub: every repository has them, so nobody can say that they are not there. */
const ALWAYS = new Set(['commits', 'workflows'])
const MAX_TEXT = 256 << 10
const MAX_FILES = 2000

export async function lookThrough(context: CollectContext): Promise<Omit<Found, 'by'>> {
  const files = await tree(context.workspace, context.sha)
  const workflows = await textsOf(context, files, /^\.github\/workflows\/[^/]+\.ya?ml$/)
  const openSlo = await textsOf(context, files, /\.ya?ml$/, /(?:^|\/)(?:slos?|openslo)\//i)
  const found: Omit<Found, 'by' | 'topics'> = {
    base: context.base,
    commit: context.sha,
    owners: await ownersOf(context, files),
    slos: [...new Set(openSlo.filter(({ text }) => /^apiVersion: *openslo\/v1\b/m.test(text)).map(({ path }) => path.replace(/[^/]+$/, '*.yaml')))],
    deploy: workflows.find(({ path, text }) => /deploy/i.test(path) && isDispatched(text))?.path.replace(/^.*\//, '') ?? null,
    conduct: workflows.find(({ text }) => /\/\.github\/workflows\/conduct\.yml@/.test(text))?.path.replace(/^.*\//, '') ?? null,
  }
  const draft = detectedConfig({ ...found, by: '', topics: [] })
  return { ...found, topics: await topicsOf({ ...context, config: draft }, new Set(files.map(({ path }) => path))) }
}

async function textsOf(
  context: CollectContext,
  files: readonly TreeEntry[],
  name: RegExp,
  place = /^/,
): Promise<{ readonly path: string; readonly text: string }[]> {
  const found = files
    .filter(({ mode, path, size }) => mode !== '120000' && size <= MAX_TEXT && name.test(path) && place.test(path))
    .slice(0, MAX_FILES)
  const texts: { path: string; text: string }[] = []
  for (const { object, path } of found) {
    const text = await blobText(context.workspace, object, MAX_TEXT)
    if (text !== null) texts.push({ path, text })
  }
  return texts
}

function isDispatched(text: string): boolean {
  try {
    const document: unknown = parse(text, { maxAliasCount: 50 })
    const on: unknown = (document as { on?: unknown } | null)?.on
    return JSON.stringify(on ?? '').includes('"workflow_dispatch"')
  } catch {
    return false
  }
}

/** Who owns everything, by the last such line. */
async function ownersOf(context: CollectContext, files: readonly TreeEntry[]): Promise<readonly string[]> {
  const [file] = await textsOf(context, files, /^(?:\.github\/|docs\/)?CODEOWNERS$/)
  const line = (file?.text ?? '').split('\n').findLast((each) => /^\*{1,2}\s/.test(each)) ?? ''
  return line
    .replace(/#.*$/, '')
    .split(/\s+/)
    .slice(1)
    .filter((word) => /^@[A-Za-z0-9][A-Za-z0-9-]*(?:\/[A-Za-z0-9._-]+)?$/.test(word))
    .slice(0, 20)
}

/**
 * Each topic of each gate, as its agent sees this commit with a config that declares nothing. An error about a file of the commit says that something is
 * there, though nothing of it could be counted.
 */
async function topicsOf(context: CollectContext, files: ReadonlySet<string>): Promise<readonly FoundTopic[]> {
  const found: FoundTopic[] = []
  for (const phase of Phase.options.filter((each) => AGENTS.some((agent) => agent.phase.includes(each)))) {
    const { responses } = await conduct({ phase, op: 'VERIFY', context, policy: {}, out: null, traceId: '0'.repeat(32), now: context.now })
    for (const { findings, response, topic } of responses)
      for (const { gate, measured } of response.verdicts) {
        if (GATES.find(({ id }) => id === gate)?.reads.includes(topic) !== true || found.some((one) => one.gate === gate && one.topic === topic))
          continue
        const unnamed = response.result === 'blocked' ? unnamedBy(response.notes) : null
        const isSeen = findings.some(({ path, severity }) => severity === 'error' && path !== undefined && files.has(path))
        const least = isSeen ? 1 : 0
        const counts = response.result === 'ok' ? Math.max(least, measured?.n ?? 0) : unnamed === null ? null : 0
        const why = unnamed === null ? `none was found at ${context.sha.slice(0, 12)}` : `not named yet: ${unnamed}`
        found.push({ gate, topic, n: counts === 0 && ALWAYS.has(topic) ? null : counts, why })
      }
  }
  return found
}

/** What the config does not name is absent until it does; what nobody could see here, such as GitHub without a token, may well be there: null. */
function unnamedBy(notes: string): string | null {
  const first = notes.replace(/^Without [^:]+: /, '').split(/\. (?:[A-Z]|$)/)[0] ?? ''
  return first.includes(' of the config names no') ? first.replace(/\.$/, '') : null
}
