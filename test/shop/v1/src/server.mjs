/** Routes of the shop. */
import { createServer } from 'node:http'
import { fails, holdBack } from './faults.mjs'
import { exposition, observe } from './metrics.mjs'
import { homePage } from './pages.mjs'
import { askForPrices } from './prices.mjs'
import { VERSION } from './version.mjs'

const MAX_BODY = 4096

function send(response, { code, type, body }) {
  response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'x-shop-version': VERSION })
  response.end(body)
}

const json = (code, value) => ({ code, type: 'application/json', body: `${JSON.stringify(value)}\n` })

async function body(request) {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > MAX_BODY) return null
  }
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function placeOrder(store, request) {
  const order = await body(request)
  const { product, quantity } = order ?? {}
  if (!Number.isInteger(product) || !Number.isInteger(quantity) || quantity < 1 || quantity > 100) {
    return json(400, { error: 'Send {"product": 1, "quantity": 1}, at most 100 of one product.' })
  }
  const products = await store.products()
  if (!products.some(({ id }) => id === product)) return json(404, { error: `There is no product ${product}.` })
  return json(201, { order: await store.order(product, quantity) })
}

async function customer(store, request, path) {
  await askForPrices()
  if (fails()) return json(500, { error: 'Something broke on our side.' })
  if (path === '/' && request.method === 'GET') return { code: 200, type: 'text/html; charset=utf-8', body: homePage(await store.products()) }
  if (path === '/products' && request.method === 'GET') return json(200, await store.products())
  if (path === '/orders' && request.method === 'POST') return placeOrder(store, request)
  return json(404, { error: 'There is nothing here.' })
}

async function health(store, sha) {
  try {
    await store.ready()
    return json(200, { ok: true, version: VERSION, sha })
  } catch {
    return json(503, { ok: false, version: VERSION, sha })
  }
}

async function answer(store, sha, request, response) {
  const path = request.url.split('?')[0]
  if (path === '/metrics') return { code: 200, type: 'application/openmetrics-text; version=1.0.0; charset=utf-8', body: exposition() }
  if (path === '/healthz') return health(store, sha)
  const from = performance.now()
  response.on('close', () => observe(response.statusCode, (performance.now() - from) / 1000))
  const answered = await customer(store, request, path)
  await holdBack(performance.now() - from)
  return answered
}

async function serve(store, sha, request, response) {
  let answered
  try {
    answered = await answer(store, sha, request, response)
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', message: 'request failed', path: request.url, error: error.message }))
    answered = json(503, { error: 'Please try again.' })
  }
  send(response, answered)
}

/** Not listening yet. @param sha commit this process was built from */
export function shopServer(store, sha) {
  const server = createServer((request, response) => void serve(store, sha, request, response))
  server.keepAliveTimeout = 65_000
  return server
}
