/**
 * Writes every generated file, or with `--check` says which of them is not what the sources say, and fails.
 * `node test/generate.ts [--check]`
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { renderAgentsPage } from '../agents/page.ts'
import { withAgentsTable } from '../agents/readme.ts'
import { jsonSchemas } from '../evidence/model/schemas.ts'
import { REASONS } from '../evidence/model/reasons.ts'

export const ROOT = join(import.meta.dirname, '..')

/** Path below the root -> text. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const [name, schema] of jsonSchemas()) files.set(`evidence/schema/${name}`, `${JSON.stringify(schema, null, 2)}\n`)
  files.set('docs/reasons.md', reasonTable())
  files.set('docs/agents.md', renderAgentsPage())
  files.set('agents/README.md', withAgentsTable(await readFile(join(ROOT, 'agents/README.md'), 'utf8')))
  return files
}

function reasonTable(): string {
  const rows = Object.entries(REASONS).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  return `# Reason codes\n\nWritten by \`pnpm run generate\` from \`evidence/model/reasons.ts\`. A code never changes its meaning; people and scripts may rely on it.\n\n| code | meaning and what to do |\n|---|---|\n${rows.join('\n')}\n`
}

/** Generated files that are absent or differ from what they should be. */
export async function drift(): Promise<readonly string[]> {
  const stale: string[] = []
  for (const [path, text] of await generated()) {
    const present = await readFile(join(ROOT, path), 'utf8').catch(() => null)
    if (present !== text) stale.push(path)
  }
  return stale
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--check')) {
    const stale = await drift()
    for (const path of stale) process.stderr.write(`${path} is not what the sources say. Run \`pnpm run generate\` and commit it.\n`)
    return stale.length === 0 ? 0 : 1
  }
  for (const [path, text] of await generated()) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true })
    await writeFile(join(ROOT, path), text)
    process.stdout.write(`${path}\n`)
  }
  return 0
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
