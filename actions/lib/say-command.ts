/** The edge of the actions that say a command: outputs, and the colour of the job. */
import { setTimeout as pause } from 'node:timers/promises'
import { info, notice, setFailed, setOutput, setSecret } from '@actions/core'
import type { CommandInputs, Said } from './command.ts'
import { readRunFacts } from './run-facts.ts'

type Given = Pick<CommandInputs, 'token' | 'pull' | 'wait'>

export async function sayCommand<Inputs extends Given>(inputs: Inputs, run: (inputs: Inputs & CommandInputs) => Promise<Said>): Promise<void> {
  setSecret(inputs.token)
  const facts = readRunFacts(process.env)
  const said = await run({ ...inputs, facts, sleep: (milliseconds) => pause(milliseconds) })
  setOutput('url', said.url)
  setOutput('answer', said.answer)
  info(said.url)
  if (said.answer === 'refused') setFailed(`The App refused it; the status comment of pull request ${inputs.pull} says why: ${said.url}`)
  if (said.answer === 'waiting') notice(`It was said, and the App has not answered yet: ${said.url}`)
}
