/** Several replicas of one version behind one port: answers in turn, health of all of them, and one page of metrics with a label for each. */
import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** @param ports of the replicas, in their order */
export function balancer(ports: readonly number[]): Server {
  const agent = new Agent({ keepAlive: true, scheduling: 'lifo' })
  let turn = 0
  const server = createServer((incoming, response) => {
    const path = incoming.url?.split('?')[0]
    if (path === '/metrics') return void page(ports, response)
    if (path === '/healthz') return void health(ports, response)
    turn += 1
    forward(agent, ports[turn % ports.length] ?? 0, incoming, response)
  })
  server.on('close', () => agent.destroy())
  server.keepAliveTimeout = 65_000
  return server
}

function forward(agent: Agent, port: number, incoming: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', url = '/', headers } = incoming
  const call = request({ host: '127.0.0.1', port, method, path: url, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  call.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()))
  incoming.pipe(call)
}

async function health(ports: readonly number[], response: ServerResponse): Promise<void> {
  const answers = await Promise.all(ports.map((port) => get(port, '/healthz')))
  const bad = answers.find(({ code }) => code !== 200)
  const { code, text } = bad ?? answers[0] ?? { code: 503, text: '{}' }
  response.writeHead(code, { 'content-type': 'application/json' }).end(text)
}

async function page(ports: readonly number[], response: ServerResponse): Promise<void> {
  const answers = await Promise.all(ports.map((port) => get(port, '/metrics')))
  if (answers.some(({ code }) => code !== 200)) return void response.writeHead(503).end()
  response
    .writeHead(200, { 'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' })
    .end(merged(answers.map(({ text }) => text)))
}

async function get(port: number, path: string): Promise<{ readonly code: number; readonly text: string }> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2000) })
    return { code: answer.status, text: await answer.text() }
  } catch {
    return { code: 503, text: '{"ok":false}' }
  }
}

/** Pages of the same metrics -> one page: each family once, each series with the number of its replica, counted from 1. */
export function merged(pages: readonly string[]): string {
  const families = new Map<string, { readonly head: string[]; readonly series: string[] }>()
  for (const [index, text] of pages.entries()) {
    let family = { head: [] as string[], series: [] as string[] }
    for (const line of text.split('\n')) {
      if (line === '' || line === '# EOF') continue
      const name = /^# TYPE (\S+)/.exec(line)?.[1]
      if (name !== undefined) {
        family = families.get(name) ?? { head: [], series: [] }
        families.set(name, family)
      }
      if (!line.startsWith('#')) family.series.push(line.replace('{', `{replica="${index + 1}",`))
      else if (index === 0) family.head.push(line)
    }
  }
  return [...[...families.values()].flatMap(({ head, series }) => [...head, ...series]), '# EOF', ''].join('\n')
}
