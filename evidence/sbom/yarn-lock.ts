/** yarn.lock: of yarn 1, in a format of its own, and of yarn 2 and later, in YAML with `__metadata`. */
import type { Inventory } from './inventory.ts'
import type { LockQuestion } from './lock-answer.ts'
import { readYarnBerryLock } from './yarn-berry.ts'
import { readYarnClassicLock } from './yarn-classic.ts'

/** @throws SbomError */
export function readYarnLock(question: LockQuestion): Inventory {
  const head = new TextDecoder().decode(question.bytes.subarray(0, 4096))
  return /^__metadata:/m.test(head) ? readYarnBerryLock(question) : readYarnClassicLock(question)
}
