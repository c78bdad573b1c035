/** The App looking at itself: identity, installations, tokens, deliveries. */
import { randomBytes } from 'node:crypto'
import { addApp } from '../setup.ts'
import { installationToken } from '../http/tokens.ts'
import { created, ok, page, route, type Answer, type Call, type Route } from '../http/call.ts'
import { installation as installationShape, integration, profile } from '../shape/people.ts'
import { repository as repositoryShape } from '../shape/repository.ts'
import { invalid, notFound, Refusal } from '../world/error.ts'
import type { App, Delivery, Installation, Json, Level } from '../world/model.ts'
import { installationFor } from '../world/world.ts'
import { numberParam } from './read.ts'

const appOfCall = (call: Call): App => {
  if (call.actor.kind !== 'app') throw new Refusal(401, 'A JSON web token could not be decoded')
  return call.actor.app
}

const installationOfCall = (call: Call): Installation => {
  const app = appOfCall(call)
  const found = call.world.installations.find((one) => one.id === numberParam(call, 'installation_id') && one.app.id === app.id)
  if (!found) throw notFound()
  return found
}

const mint = (call: Call): Answer => {
  const installation = installationOfCall(call)
  const asked = call.body['permissions'] as Record<string, Level> | undefined
  for (const [name, level] of Object.entries(asked ?? {})) {
    const granted = name === 'metadata' ? 'read' : installation.permissions[name]
    if (granted !== 'write' && granted !== level) throw invalid('The permissions requested are not granted to this installation.')
  }
  const ids = call.body['repository_ids'] as number[] | undefined
  const names = call.body['repositories'] as string[] | undefined
  if ((ids?.length ?? 0) > 500) throw invalid('repository_ids: at most 500 repositories')
  const all = call.world.repositories.filter((one) => installation.repositories.has(one.id))
  const chosen = ids || names ? all.filter((one) => ids?.includes(one.id) || names?.includes(one.name)) : all
  if ((ids || names) && chosen.length !== new Set([...(ids ?? []), ...(names ?? [])]).size)
    throw invalid('There is at least one repository that does not exist or is not accessible to the parent installation.')
  const permissions = asked ? { metadata: 'read' as const, ...asked } : installation.permissions
  const { token, expires } = installationToken(call.world, installation, permissions, new Set(chosen.map((one) => one.id)))
  return created({
    token,
    expires_at: expires.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    permissions,
    repository_selection: 'selected',
    ...(ids || names ? { repositories: chosen.map((one) => repositoryShape(call.world, one)) } : {}),
  })
}

const item = (one: Delivery): Json => ({
  id: one.id,
  guid: one.guid,
  delivered_at: one.deliveredAt,
  redelivery: one.redelivery,
  duration: one.duration,
  status: one.status,
  status_code: one.statusCode,
  event: one.event,
  action: one.action,
  installation_id: one.installationId,
  repository_id: one.repositoryId,
  throttled_at: null,
})

const KEPT_MS = 3 * 86_400_000

const mine = (call: Call): Delivery[] => {
  const id = String(appOfCall(call).id)
  return call.world.deliveries
    .filter(
      (one) =>
        one.headers['x-github-hook-installation-target-id'] === id &&
        one.status !== 'pending' &&
        call.world.now().getTime() - Date.parse(one.deliveredAt) < KEPT_MS,
    )
    .toReversed()
}

/** `status=failure` finds only HTTP 400 to 599: a delivery that was never answered is not among them. */
const deliveries = (call: Call): Answer => {
  const { status, cursor } = call.query
  const size = Math.min(100, Math.max(1, Number(call.query['per_page'] ?? 30)))
  const all = mine(call).filter(
    (one) =>
      status === undefined || (status === 'success' ? one.statusCode >= 200 && one.statusCode < 400 : one.statusCode >= 400 && one.statusCode < 600),
  )
  const from = typeof cursor === 'string' ? all.findIndex((one) => `v1_${one.id}` === cursor) : 0
  if (from < 0) throw new Refusal(400, 'The cursor is not valid.')
  const next = all[from + size]
  const url = new URL(call.url)
  if (next) url.searchParams.set('cursor', `v1_${next.id}`)
  return ok(all.slice(from, from + size).map(item), next ? { link: `<${url.href}>; rel="next"` } : {})
}

const deliveryOf = (call: Call): Delivery => {
  const found = mine(call).find((one) => one.id === numberParam(call, 'delivery_id'))
  if (!found) throw new Refusal(422, 'The delivery does not exist or is older than 3 days.')
  return found
}

const OFFER_MS = 3_600_000

/** Once for each code, within the hour. */
const fromManifest = (call: Call): Answer => {
  const { world } = call
  const code = call.params['code'] ?? ''
  const offer = world.offered.get(code)
  if (!offer || world.now().getTime() - offer.at > OFFER_MS) throw notFound()
  world.offered.delete(code)
  const { name, hook_attributes, default_permissions, default_events } = offer.manifest
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const app = addApp(world, { id: world.nextId(), slug, owner: offer.owner, permissions: default_permissions, events: default_events })
  app.hook = { url: hook_attributes.url, secret: randomBytes(20).toString('hex') }
  app.client.callbacks = offer.manifest.callback_urls ?? []
  const secrets = {
    client_id: app.client.id,
    client_secret: app.client.secret,
    webhook_secret: app.hook.secret,
    pem: app.privateKey,
  }
  return created({ ...integration(world, app), ...secrets })
}

export const appRoutes: readonly Route[] = [
  route('POST', '/app-manifests/{code}/conversions', fromManifest),
  route('GET', '/app', (call) =>
    ok({
      ...integration(call.world, appOfCall(call)),
      installations_count: call.world.installations.filter((one) => one.app.id === appOfCall(call).id).length,
    }),
  ),
  route('GET', '/app/installations', (call) => {
    const { items, headers } = page(
      call,
      call.world.installations.filter((one) => one.app.id === appOfCall(call).id),
    )
    return ok(
      items.map((one) => installationShape(call.world, one)),
      headers,
    )
  }),
  route('GET', '/app/installations/{installation_id}', (call) => ok(installationShape(call.world, installationOfCall(call)))),
  route('GET', '/repos/{owner}/{repo}/installation', (call) => {
    const found = installationFor(call.world, call.repository, appOfCall(call))
    if (!found) throw notFound()
    return ok(installationShape(call.world, found))
  }),
  route('POST', '/app/installations/{installation_id}/access_tokens', mint),
  route('GET', '/installation/repositories', (call) => {
    const { actor, world } = call
    const all = actor.kind === 'installation' ? world.repositories.filter((one) => actor.repositories.has(one.id)) : []
    const { items, headers } = page(call, all)
    return ok({ total_count: all.length, repository_selection: 'selected', repositories: items.map((one) => repositoryShape(world, one)) }, headers)
  }),
  route('GET', '/app/hook/deliveries', deliveries),
  route('GET', '/app/hook/deliveries/{delivery_id}', (call) => {
    const found = deliveryOf(call)
    return ok({
      ...item(found),
      url: appOfCall(call).hook?.url ?? '',
      request: { headers: found.headers, payload: JSON.parse(found.body) as Json },
      response: { headers: found.answer?.headers ?? null, payload: found.answer?.body ?? null },
    })
  }),
  route('POST', '/app/hook/deliveries/{delivery_id}/attempts', (call) => {
    call.bus.redeliver(appOfCall(call), deliveryOf(call))
    return { status: 202, body: {} }
  }),
  route('GET', '/user', (call) => {
    if (call.actor.kind !== 'user') throw new Refusal(403, 'Resource not accessible by integration')
    return ok(profile(call.world, call.actor.account, true))
  }),
  route('GET', '/users/{username}', (call) => {
    const found = call.world.accounts.get((call.params['username'] ?? '').toLowerCase())
    if (!found) throw notFound()
    return ok(profile(call.world, found, false))
  }),
]
