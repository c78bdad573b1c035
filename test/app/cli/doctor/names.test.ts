import { expect, test } from 'vitest'
import { namesFinding } from '../../../../app/cli/doctor/names.ts'

test.each<[string, readonly string[], number | null, string, RegExp]>([
  ['each says whose it is', [], 2, 'ok', /every name/],
  ['GitHub was not asked', ['routers.web'], null, 'not looked at', /routers\.web: .* use it; with --github/],
  ['one repository', ['routers.web'], 1, 'ok', /there is one/],
  ['several repositories', ['routers.web', 'probes.shop'], 2, 'warning', /routers\.web, probes\.shop: .* there are 2; .* `repositories`/],
])('%s', (_what, names, repositories, state, says) => {
  const finding = namesFinding(names, repositories)
  expect([finding.state, says.test(finding.says)]).toEqual([state, true])
})
