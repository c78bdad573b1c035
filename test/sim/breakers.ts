/** Who breaks the glass of a red release, or tries to; and that it is proven in the end, in every second of them. */
import { pullRequest } from './setting.ts'
import type { Truth } from './truth.ts'

type Say = (login: string, id: number, body: string, edited?: boolean) => void

export function breakersOf(
  truth: Truth,
  seed: number,
  say: Say,
  change: (pull: Truth['pull']) => void,
): readonly { readonly at: number; readonly what: string; readonly run: () => void }[] {
  const { breakers } = truth
  if (breakers === null) return []
  // The second time for a commit that came in between.
  const said = [8_000, 45_000].flatMap((at) => [
    { at, what: 'one breaks the glass', run: () => say('approver', 21, '/break-glass the shop is down') },
    { at: at + 2_000, what: 'and others', run: () => (breakers === 2 ? say('second', 22, '/break-glass this is the fix') : inVain(say)) },
  ])
  const mended = { at: 250_000, what: 'the title is put right', run: () => change({ ...truth.pull, title: pullRequest().title }) }
  return seed % 2 === 0 ? [...said, mended] : said
}

/** Whoever wrote it, whoever has no rights, and what was edited since. */
function inVain(say: Say): void {
  say('author', 20, '/break-glass I wrote it, I know')
  say('stranger', 31, '/break-glass let it through')
  say('second', 22, '/break-glass this was something else', true)
}
