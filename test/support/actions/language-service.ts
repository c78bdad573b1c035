/** GitHub's own language service over workflow and action files: schema, expressions and the contexts of each place. */
import { registerHooks } from 'node:module'

// The published package imports JSON without attributes, which Node refuses.
registerHooks({
  load: (url, context, next) => (url.endsWith('.json') ? next(url, { ...context, importAttributes: { type: 'json' } }) : next(url, context)),
})

/** The service remembers what it parsed by address, so each text gets one of its own. */
let texts = 0

/** @param path in the repository; its name decides whether it is a workflow or an action. @returns messages, empty when all is well */
export async function languageProblems(path: string, text: string): Promise<string[]> {
  const { validate } = await import('@actions/languageservice')
  const lines = text.split('\n')
  const document = {
    uri: `file:///${(texts += 1)}/${path}`,
    languageId: 'yaml',
    version: 1,
    lineCount: lines.length,
    getText: () => text,
    positionAt: (offset: number) => ({ line: text.slice(0, offset).split('\n').length - 1, character: 0 }),
    offsetAt: ({ line }: { line: number }) => lines.slice(0, line).join('\n').length,
  }
  const found = await validate(document as unknown as Parameters<typeof validate>[0])
  return found.map(
    (diagnostic) =>
      `${path}:${diagnostic.range.start.line + 1}: ${typeof diagnostic.message === 'string' ? diagnostic.message : diagnostic.message.value}`,
  )
}
