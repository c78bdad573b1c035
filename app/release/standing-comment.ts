/** Which comment of ours is edited next? The one that was written last: it is another than the first when somebody deleted that. */
import type { Draft } from './draft.ts'

/** @param key of its first writing @param seq of its last, whose key ends with it @returns null: the first writing has no outcome yet */
export function standingComment(draft: Pick<Draft, 'outcome'>, key: string, seq: number): number | null {
  for (let at = seq; at > 0; at -= 1) {
    const id = draft.outcome(`${key}/${at}`)?.id
    if (id != null) return id
  }
  return draft.outcome(key)?.id ?? null
}
