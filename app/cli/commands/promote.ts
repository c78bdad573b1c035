/** `promote`: posts `/promote` on the release pull request, as you. The App decides. */
import { CliError } from '../error.ts'
import { API_MEANING, API_OPTIONS, pullOf, say, userApi } from '../github.ts'
import { EXIT } from '../verb.ts'
import type { Verb } from '../verb.ts'

export const promote: Verb = {
  name: 'promote',
  summary: 'Asks the App to promote the release: posts /promote as you.',
  usage: '--plan=ID [--step=10|50|100] [--pull=N] [--repo=owner/name]',
  examples: [
    [
      'release-conductor promote --plan=0123456789abcdef0123456789abcdef',
      'as far as the plan you were shown goes, step by step; its id stands in the status comment',
    ],
    [
      'release-conductor promote --step=50 --plan=0123456789abcdef0123456789abcdef --pull=12',
      'pull request 12, up to 50 % and no further; the id is that of the 50 % line',
    ],
  ],
  options: { plan: { type: 'string' }, step: { type: 'string' }, canary: { type: 'string' }, ...API_OPTIONS },
  meaning: {
    plan: 'id of the plan you were shown: 32 hex digits',
    step: 'how far it may go, in percent of the traffic: a step of the plan; default: all of it',
    canary: 'the same as --step',
    ...API_MEANING,
  },
  words: { least: 0, most: 0 },
  async run(call) {
    const plan = call.text('plan') ?? ''
    if (!/^[0-9a-f]{32}$/.test(plan))
      throw new CliError(
        'usage',
        plan === '' ? 'A promotion names the plan that was shown.' : `--plan=${plan.slice(0, 60)} is no plan id.`,
        'Copy the plan id (32 hex digits) from the status comment: --plan=…',
      )
    const step = call.text('step') ?? call.text('canary')
    if (step !== undefined && !/^(?:[1-9]\d?|100)$/.test(step))
      throw new CliError('usage', `--step=${step.slice(0, 20)} is no share of the traffic.`, 'Use 1 to 100, e.g. --step=10.')
    const api = await userApi(call)
    const pull = await pullOf(call, api)
    const body = `/promote ${step === undefined ? '' : `${step} `}plan:${plan}`
    const comment = await say(api, pull.number, body)
    return {
      exit: EXIT.ok,
      text: `Asked on #${pull.number}: ${body}\n${comment.html_url}\nThe App answers there with a reaction, and in its status comment.`,
      data: { pull: pull.number, comment: comment.id, url: comment.html_url, body },
    }
  },
}
