/**
 * What `dist/release-conductor.js` starts. It runs whoever started it and however: a command that silently does nothing would end with 0, and be taken for
 * a yes. A Node that is too old is told before anything that needs a newer one is loaded.
 */
import { nodeProblem } from './node-version.ts'
import { EXIT } from './verb.ts'

const problem = nodeProblem(process.versions.node)
if (problem === null) {
  const { runProcess } = await import('./main.ts')
  await runProcess()
} else {
  process.stderr.write(`Nothing was done: ${problem}. Install it, for instance with your version manager, and try again.\n`)
  process.exitCode = EXIT.unavailable
}
