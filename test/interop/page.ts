/** docs/verify.md as scripts: its blocks of one kind, and a PATH that holds nothing but the tools that the page names. */
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ended, tool } from '../support/tools.ts'

export const SHELL = '/bin/sh'

/** Of ```` ```sh <kind> ````, in their order. */
export async function blocksOf(kind: string): Promise<readonly string[]> {
  const page = await readFile(join(import.meta.dirname, '../../docs/verify.md'), 'utf8')
  return [...page.matchAll(new RegExp(`^\`\`\`sh ${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1] ?? '')
}

/** @returns a folder below this one that links to these tools alone */
export async function pathOf(folder: string, tools: readonly string[]): Promise<string> {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  for (const name of tools) await symlink(await real(name), join(bin, name))
  return bin
}

/** A link to a version manager's shim would look for its manager; the program itself is asked where it is. */
async function real(name: string): Promise<string> {
  const found = tool(name) ?? name
  if (name !== 'python3') return found
  return (await ended(found, ['-c', 'import sys; print(sys.executable)'])).out.trim()
}
