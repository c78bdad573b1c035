/** Our Dockerfile, as far as it can be carried out where no image can be built: its copies and commands, in folders that stand for its stages. */
import { execFile } from 'node:child_process'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Copy, JSONInstruction } from 'dockerfile-ast'
import { recipeOf, type Stage } from '../../agents/platform/infrasec.stages.ts'
import { ROOT, text } from '../structure/tree.ts'

export const PATH = 'deploy/image/Dockerfile'
export const RECIPE = text(PATH)

export function stages(): readonly [build: Stage, final: Stage] {
  const [build, final, ...more] = recipeOf(RECIPE)?.stages ?? []
  if (build === undefined || final === undefined || more.length > 0) throw new Error('the Dockerfile has not two stages')
  return [build, final]
}

export interface Copied {
  /** The stage it comes from; null: the repository. */
  readonly from: string | null
  readonly sources: readonly string[]
  readonly to: string
}

export function copies(stage: Stage): readonly Copied[] {
  return stage.instructions
    .filter((instruction) => instruction instanceof Copy)
    .map((copy) => {
      const words = copy.getArguments().map((argument) => argument.getValue())
      return {
        from:
          copy
            .getFlags()
            .find((flag) => flag.getName() === 'from')
            ?.getValue() ?? null,
        sources: words.slice(0, -1),
        to: words.at(-1) ?? '',
      }
    })
}

/** The words of the one ENTRYPOINT, CMD or HEALTHCHECK CMD that is written as JSON. */
export function wordsOf(stage: Stage, keyword: string): readonly string[] {
  const found = stage.instructions.find((instruction) => instruction.getKeyword() === keyword)
  const written = found instanceof JSONInstruction ? found.getArgumentsContent() : /\[.*\]/s.exec(found?.getArgumentsContent() ?? '')?.[0]
  return JSON.parse(written ?? '[]') as string[]
}

/** Carries a stage out. @param folder stands for its /app @param other stands for the other stage's /app */
export async function carryOut(stage: Stage, folder: string, other: string | null, env: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const instruction of stage.instructions) {
    if (instruction instanceof Copy) {
      const [copy] = copies({ ...stage, instructions: [instruction] })
      const sources = copy?.sources ?? []
      for (const source of sources) {
        const from = copy?.from === null ? join(ROOT, source) : join(other ?? '', source.replace(/^\/app\//, ''))
        const to = copy?.to === './' ? source : (copy?.to ?? '')
        await cp(from, join(folder, to), {
          recursive: true,
          verbatimSymlinks: true,
          filter: (path) => !/\/(?:dist|node_modules)$/.test(path) || copy?.from !== null,
        })
      }
    }
    if (instruction.getKeyword() === 'RUN')
      await promisify(execFile)('sh', ['-ec', instruction.getArgumentsContent() ?? ''], { cwd: folder, env, maxBuffer: 64 << 20 })
  }
}
