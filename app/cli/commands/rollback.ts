/** `rollback`: posts `/rollback` on the release pull request, as you. */
import { CliError } from '../error.ts'
import { API_MEANING, API_OPTIONS, pullOf, say, userApi } from '../github.ts'
import { EXIT } from '../verb.ts'
import type { Verb } from '../verb.ts'

const REASONS = ['gate_fail', 'slo_breach', 'kpi_regression', 'manual']

export const rollback: Verb = {
  name: 'rollback',
  summary: 'Asks the App to bring the release back: posts /rollback as you.',
  usage: '--reason=slo_breach|--rehearse [--pull=N] [--repo=owner/name]',
  examples: [
    ['release-conductor rollback --reason=slo_breach --pull=12', 'takes all traffic from the new version'],
    ['release-conductor rollback --rehearse --pull=12', 'tries the way back out on stage, and times it'],
  ],
  options: { reason: { type: 'string' }, rehearse: { type: 'boolean' }, ...API_OPTIONS },
  meaning: {
    reason: `why: ${REASONS.join(', ')}, or words of your own`,
    rehearse: 'only try it out, on an environment before production',
    ...API_MEANING,
  },
  words: { least: 0, most: 0 },
  async run(call) {
    const reason = (call.text('reason') ?? '').replaceAll(/\s+/g, ' ').trim()
    const rehearse = call.flag('rehearse')
    if (rehearse && reason !== '')
      throw new CliError('usage', 'A rehearsal takes no reason.', 'Give --rehearse alone, or --reason= to take a release back.')
    if (!rehearse && (reason === '' || reason.length > 200))
      throw new CliError(
        'usage',
        'A rollback says why, in at most 200 characters.',
        `Add --reason=, one of ${REASONS.join(', ')}, or words of your own.`,
      )
    const api = await userApi(call)
    const pull = await pullOf(call, api)
    const body = rehearse ? '/rollback --rehearse' : `/rollback ${reason}`
    const comment = await say(api, pull.number, body)
    return {
      exit: EXIT.ok,
      text: `Asked on #${pull.number}: ${body}\n${comment.html_url}\nThe App answers there with a reaction, and in its status comment.`,
      data: { pull: pull.number, comment: comment.id, url: comment.html_url, body },
    }
  },
}
