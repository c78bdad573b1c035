import { expect, test } from 'vitest'
import { namesFinding } from '../../../../app/cli/doctor/names.ts'

const SHOP = { id: 1, owner: 'acme', name: 'shop', installationId: 1 }
const TOY = { ...SHOP, id: 2, name: 'toy' }

test.each<[string, readonly string[], readonly (typeof SHOP)[] | null, string, RegExp]>([
  ['each says whose it is', [], [SHOP, TOY], 'ok', /every name/],
  ['GitHub was not asked', ['routers.web'], null, 'not looked at', /routers\.web: .* use it; with --github/],
  ['one repository', ['routers.web'], [SHOP], 'ok', /there is one/],
  ['several repositories', ['routers.web', 'probes.shop'], [SHOP, TOY], 'warning', /routers\.web, probes\.shop: .* there are 2; .* `repositories`/],
])('%s', (_what, names, repositories, state, says) => {
  const finding = namesFinding(names, repositories)
  expect([finding.state, says.test(finding.says)]).toEqual([state, true])
})
