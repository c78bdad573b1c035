/** All canaries of all scenarios, over as many threads as there are cores. The order of the answers is that of the runs, whoever was first. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Outcome, Scenario } from './scenario.ts'
import type { Task } from './thread.ts'

/** Runs that a thread is given at once. */
const CHUNK = 25

export async function crowd(
  scenarios: readonly Scenario[],
  say: (line: string) => void,
  threads = availableParallelism(),
): Promise<ReadonlyMap<string, readonly Outcome[]>> {
  const outcomes = new Map(scenarios.map(({ name, runs }) => [name, Array.from<Outcome>({ length: runs })] as const))
  const tasks = scenarios.flatMap((scenario) =>
    Array.from({ length: Math.ceil(scenario.runs / CHUNK) }, (_, at): Task => {
      const from = at * CHUNK
      return { scenario, from, to: Math.min(from + CHUNK, scenario.runs) }
    }),
  )
  const all = tasks.reduce((sum, { from, to }) => sum + to - from, 0)
  let [done, told] = [0, 0]
  const next = tasks.values()
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('thread.ts', import.meta.url))
    try {
      for (const task of next) {
        const answers = await ask(worker, task)
        const into = outcomes.get(task.scenario.name)
        for (const [at, outcome] of answers.entries()) into?.splice(task.from + at, 1, outcome)
        done += answers.length
        if (done === all || done - told >= all / 20) {
          told = done
          say(`${done} of ${all} canaries`)
        }
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(threads, tasks.length)) }, work))
  return outcomes
}

async function ask(worker: Worker, task: Task): Promise<readonly Outcome[]> {
  return new Promise((resolve, reject) => {
    const settle = (): void => void worker.off('message', answer).off('error', fail)
    const answer = (outcomes: readonly Outcome[]): void => {
      settle()
      resolve(outcomes)
    }
    const fail = (error: unknown): void => {
      settle()
      reject(error instanceof Error ? error : new Error(String(error)))
    }
    worker.on('message', answer).on('error', fail)
    worker.postMessage(task, [])
  })
}
