/** What a registry holds of one image -> what is wrong with it: on every platform, for one bad one is enough. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { ImagePlatform, ShippedImage } from '../collect/inputs.images.ts'
import { namesSecret, secretIn } from './infrasec.secrets.ts'

/** Growth over the release before that is worth a word. */
const GROWTH = 0.1
const DAY = 86_400_000
const OLD_DAYS = 180

/** @param at when it was collected, epoch milliseconds */
export function imageFindings(image: ShippedImage, at: number): Finding[] {
  const { service, repository, platforms, why } = image
  if (platforms === null) {
    const message = `The image of ${service} in ${repository} could not be looked at: ${why ?? 'no reason was given'}`
    return [say('unread', 'error', service, message, 'Push it, name it by digest in supply-chain/images.json, and let the job read the registry.')]
  }
  if (platforms.length === 0)
    return [say('platform-bad', 'error', service, `The image of ${service} lists no platform that could run`, 'Push it for the platforms you run.')]
  return [...platforms.flatMap((platform) => platformFindings(service, platform, at)), ...sizeFindings(image, platforms)]
}

function say(rule: string, severity: Finding['severity'], subject: string, message: string, next: string): Finding {
  return { rule: `image.${rule}`, severity, subject: subject.slice(0, 500), message: message.slice(0, 1000), next }
}

function platformFindings(service: string, { platform, problem, user, env, history, created }: ImagePlatform, at: number): Finding[] {
  const subject = `${service} ${platform}`
  if (problem !== null)
    return [
      say(
        'platform-bad',
        'error',
        subject,
        `The image of ${service} for ${platform} cannot run: ${problem}`,
        'Push the image again, for all its platforms.',
      ),
    ]
  const findings: Finding[] = []
  const name = (user.split(':')[0] ?? '').trim()
  if (name === '' || /^root$/i.test(name) || /^0+$/.test(name))
    findings.push(
      say(
        'user-root',
        'error',
        subject,
        `The image of ${service} for ${platform} runs as ${name || 'root, for it names nobody'}`,
        'End its Dockerfile with `USER <number>`, not 0.',
      ),
    )
  const secrets = [
    ...env.map(pairOf).flatMap(([key, value]) => told('its environment', key, secretIn(key, value))),
    ...history.flatMap(historySecrets),
  ]
  for (const [where, key, reason] of secrets)
    findings.push(
      say(
        'secret-in-config',
        'error',
        subject,
        `In ${where} ${key.slice(0, 100)} looks like a secret: ${reason}`,
        'Use `RUN --mount=type=secret`; then replace the secret.',
      ),
    )
  const age = created === null ? Number.NaN : at - Date.parse(created)
  if (age > OLD_DAYS * DAY && Date.parse(created ?? '') > DAY)
    findings.push(
      say('old', 'warning', subject, `It was built ${Math.floor(age / DAY)} days ago: what was mended since is not in it`, 'Build it again.'),
    )
  return findings
}

type Told = readonly [where: string, key: string, reason: string]

function told(where: string, key: string, reason: string | null): Told[] {
  return reason === null ? [] : [[where, key, reason]]
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** BuildKit writes `RUN |1 NAME=value /bin/sh -c …`: the values of ARG stay in the history for ever. */
function historySecrets(line: string): Told[] {
  const [, count = '0', rest = ''] = /^(?:RUN )?\|(\d+) ([\s\S]*)$/.exec(line) ?? []
  const given = rest.split(' ').slice(0, Number(count)).map(pairOf)
  const stated = [...line.matchAll(/\b(?:ENV|ARG) ([A-Za-z_]\w*)=(\S+)/g)].map(([, key = '', value = '']) => [key, value] as const)
  return [...given, ...stated].flatMap(([key, value]) =>
    told('its history', key, secretIn(key, value) ?? (value !== '' && namesSecret(key) ? 'an ARG stays in the history of the image' : null)),
  )
}

function sizeFindings({ service, budget_mb: budget, before }: ShippedImage, platforms: readonly ImagePlatform[]): Finding[] {
  const largest = Math.max(0, ...platforms.map(({ bytes }) => bytes))
  const findings: Finding[] = []
  if (budget !== null && largest > budget * 1e6)
    findings.push(
      say(
        'over-budget',
        'error',
        service,
        `The image of ${service} has ${megabytes(largest)} MB; budgets.max_image_mb allows ${budget}`,
        'Make it smaller, or raise the budget on the base branch.',
      ),
    )
  const [last] = before
  if (last !== undefined && last.bytes > 0 && largest > last.bytes * (1 + GROWTH)) {
    const trend = [...before].toReversed().map(({ version, bytes }) => `${version} ${megabytes(bytes)}`)
    findings.push(
      say(
        'grew',
        'warning',
        service,
        `The image of ${service} grew to ${megabytes(largest)} MB (before, in MB: ${trend.join(', ')})`,
        'Look at what was added.',
      ),
    )
  }
  return findings
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
