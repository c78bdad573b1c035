/** Secrets in the open: the values of a Secret, and what looks like one in a ConfigMap, line by line. Pure. */
import { secretIn } from './infrasec.secrets.ts'
import { fieldsOf, type KubernetesObject, type Say } from './platform-devops.objects.ts'

const MOST_LINES = 20_000
const SETTING = /^\s*(?:-\s+)?["']?([A-Za-z][\w.-]{0,99})["']?\s*[=:]\s*["']?([^\s"',;#]{16,1000})["']?,?\s*$/

export function secretFindings(object: KubernetesObject, say: Say): void {
  if (object.apiVersion !== 'v1') return
  const title = `${object.kind} ${object.name || 'without a name'}`
  if (object.kind === 'Secret' && object.value['type'] !== 'kubernetes.io/service-account-token') {
    const held = ['data', 'stringData'].find((key) => Object.values(fieldsOf(object.value[key])).some((value) => value !== '' && value !== null))
    if (held !== undefined)
      say(
        object,
        'secret-in-repository',
        'error',
        [held],
        `${title} holds its values, for everybody who reads the repository`,
        'Let a secret store make it; then replace the secret.',
      )
  }
  if (object.kind === 'ConfigMap')
    for (const [key, value] of Object.entries(fieldsOf(object.value['data'])))
      for (const [name, why] of typeof value === 'string' ? secretsIn(key, value) : [])
        say(
          object,
          'secret-in-config',
          'error',
          ['data', key],
          `${title} holds ${name.slice(0, 100)}, which looks like a secret: ${why}`,
          'Put it into a Secret that a secret store makes; then replace it.',
        )
}

/** A value of one line under its key; of a file the lines that set something. */
function secretsIn(key: string, value: string): (readonly [name: string, why: string])[] {
  const lines = value.split('\n').slice(0, MOST_LINES)
  const settings = lines.length === 1 ? [[key, value] as const] : lines.flatMap((line) => settingIn(line))
  return settings.flatMap(([name, given]) => {
    const why = secretIn(name, given)
    return why !== null && (!why.includes('name') || isRandom(given)) ? [[name, why] as const] : []
  })
}

function settingIn(line: string): (readonly [name: string, value: string])[] {
  const [, name, value] = SETTING.exec(line) ?? []
  return name === undefined || value === undefined ? [] : [[name, value]]
}

/** A name alone says little in a file of settings; beside it must stand what nobody would write as a word. */
function isRandom(value: string): boolean {
  if (value.length < 16 || !/[a-z]/i.test(value) || !/\d/.test(value) || /[${}()<>\s]/.test(value)) return false
  const counts = new Map<string, number>()
  for (const sign of value) counts.set(sign, (counts.get(sign) ?? 0) + 1)
  const entropy = [...counts.values()].reduce((sum, count) => sum - (count / value.length) * Math.log2(count / value.length), 0)
  return entropy >= 3.5
}
