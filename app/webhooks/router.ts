/**
 * Probot as the router: it gets deliveries from the inbox only, never from the network. Each event's file turns the payload into triggers; all that a
 * handler does with them is hand them on. Retries and throttling of Probot's own Octokit are off and nothing here uses it: effects have their own client.
 */
import { Probot, ProbotOctokit } from 'probot'
import type { Trigger } from '../release/ports.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { events } from './events.ts'

export interface RouterOptions {
  readonly appId: number
  /** PEM. Probot wants one; it signs nothing here. */
  readonly privateKey: string
  readonly apiUrl: string
  /** Probot's own front door is not mounted; the secret is given so that its public default exists nowhere in the process. */
  readonly secret: string
  readonly log: Logger
  readonly metrics: Metrics
  readonly onTrigger: (trigger: Trigger) => Promise<void>
}

export interface Router {
  /** Resolves when every trigger was handed on. @throws UnreadableDelivery, or what `onTrigger` threw */
  receive(delivery: { readonly id: string; readonly name: string; readonly body: Buffer }): Promise<void>
}

/** A delivery no retry can help: signed, but not JSON, or not an object. */
export class UnreadableDelivery extends Error {
  override readonly name = 'UnreadableDelivery'
}

export async function openRouter({ appId, privateKey, apiUrl, secret, log, metrics, onTrigger }: RouterOptions): Promise<Router> {
  const Octokit = ProbotOctokit.defaults((options: Record<string, unknown>) => ({
    ...options,
    retry: { enabled: false },
    throttle: { enabled: false },
  }))
  const probot = new Probot({ appId, privateKey, secret, baseUrl: apiUrl, Octokit, log })
  await probot.ready()
  for (const reader of events)
    probot.on(reader.event as 'push', async ({ payload }) => {
      const triggers = reader.triggers(payload, { appId })
      const result = triggers === null ? 'mismatch' : triggers.length === 0 ? 'nothing' : 'triggered'
      metrics.events.inc({ event: reader.event, result })
      if (triggers === null) log.warn({ event: reader.event }, 'A body does not fit the event it was sent as. Nothing is done with it.')
      for (const trigger of triggers ?? []) await onTrigger(trigger)
    })
  const known = new Set(events.map((reader) => reader.event))
  return {
    async receive({ id, name, body }) {
      const payload = parse(body)
      if (!known.has(name)) {
        metrics.events.inc({ event: 'other', result: 'unknown_event' })
        return
      }
      await probot.receive({ id, name, payload } as Parameters<Probot['receive']>[0])
    },
  }
}

function parse(body: Buffer): object {
  let payload: unknown
  try {
    payload = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new UnreadableDelivery('The body is not JSON in UTF-8.', { cause: error })
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) throw new UnreadableDelivery('The body is not a JSON object.')
  return payload
}
