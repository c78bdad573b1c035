/** GitHub's own language service over workflow and action files: schema, expressions and the contexts of each place. */
import { readFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { join } from 'node:path'

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
  const found = await validate(document as unknown as Parameters<typeof validate>[0], { fileProvider: { getFileContent: ours } })
  return found.map(
    (diagnostic) =>
      `${path}:${diagnostic.range.start.line + 1}: ${typeof diagnostic.message === 'string' ? diagnostic.message : diagnostic.message.value}`,
  )
}

type FileProvider = NonNullable<NonNullable<Parameters<typeof import('@actions/languageservice').validate>[1]>['fileProvider']>

/** A workflow of ours that others call is the one that lies here: its inputs, secrets and outputs are those. */
const ours: FileProvider['getFileContent'] = async (reference) => {
  const path = reference.path.replace(/^\.\//, '')
  if ('repository' in reference && reference.repository !== 'release-conductor') throw new Error('a workflow of others is not looked at')
  return { name: path, content: await readFile(join(import.meta.dirname, '../../..', path), 'utf8') }
}
