/** An object against the types of the Kubernetes API, as its own client publishes them: kinds and fields nobody knows, and values of another type. Pure. */
import * as models from '@kubernetes/client-node/dist/gen/models/all.js'
import { isRecord } from '../yaml.ts'
import type { KubernetesObject, Say } from './platform-devops.objects.ts'

interface Field {
  readonly baseName: string
  readonly type: string
}
interface Model {
  getAttributeTypeMap(): readonly Field[]
}

const BUILT_IN = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions'])
/** Of these groups the client has only a part; the others are custom resources. */
const PUBLISHED =
  /^(?:admissionregistration|apiextensions|apiregistration|authentication|authorization|certificates|coordination|discovery|events|flowcontrol\.apiserver|internal\.apiserver|networking|node|rbac\.authorization|resource|scheduling|storage)\.k8s\.io$/
const MOST = 20

function modelOf(type: string): Model | undefined {
  const found: unknown = Object.hasOwn(models, type) ? (models as unknown as Record<string, unknown>)[type] : undefined
  return isModel(found) ? found : undefined
}

function isModel(value: unknown): value is Model {
  return (typeof value === 'function' || isRecord(value)) && 'getAttributeTypeMap' in value
}

/** `apps/v1`, `Deployment` -> V1Deployment; null: nobody here publishes that kind; undefined: its group does, and has no such kind. */
function kindOf({ apiVersion, kind }: KubernetesObject): Model | null | undefined {
  // What kustomize itself makes or changes objects with.
  if (apiVersion === 'builtin') return null
  const [version = '', group = ''] = apiVersion.split('/').toReversed()
  if (!BUILT_IN.has(group) && !PUBLISHED.test(group)) return null
  const name = `${version.slice(0, 1).toUpperCase()}${version.slice(1)}${kind}`
  const prefix = group === '' ? 'Core' : `${group.slice(0, 1).toUpperCase()}${(group.split('.')[0] ?? '').slice(1)}`
  return modelOf(`${prefix}${name}`) ?? modelOf(name)
}

/** @returns false when it is a custom resource, whose fields nobody here knows */
export function fieldFindings(object: KubernetesObject, say: Say): boolean {
  const model = kindOf(object)
  if (model === null) return false
  if (model === undefined) {
    const message = `Kubernetes has no ${object.kind} in ${object.apiVersion}`
    say(object, 'unknown-kind', 'error', ['kind'], message, 'Use the version that the cluster serves; `kubectl api-resources` lists them.')
    return true
  }
  new Walk(object, say).of(object.value, model, [])
  return true
}

class Walk {
  readonly #object: KubernetesObject
  readonly #say: Say
  #said = 0
  constructor(object: KubernetesObject, say: Say) {
    this.#object = object
    this.#say = say
  }

  of(value: Readonly<Record<string, unknown>>, model: Model, at: readonly (string | number)[]): void {
    const fields = new Map(model.getAttributeTypeMap().map((field) => [field.baseName, field.type]))
    for (const [key, below] of Object.entries(value)) {
      const type = fields.get(key)
      if (type !== undefined) this.#typed(below, type, [...at, key])
      else
        this.#tell(
          'unknown-field',
          [...at, key],
          `${[...at, key].join('.')} is no field of the API: it is dropped, and what it should do is not done`,
        )
    }
  }

  #typed(value: unknown, type: string, at: readonly (string | number)[]): void {
    if (value === null || type === 'any' || type === 'IntOrString') return
    const list = /^(?:Array|Set)<(.+)>$/.exec(type)?.[1]
    const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
    if (list !== undefined) {
      if (Array.isArray(value)) value.forEach((item: unknown, index) => this.#typed(item, list, [...at, index]))
      else this.#wrong(value, 'a list', at)
    } else if (map !== undefined) {
      if (!isRecord(value)) this.#wrong(value, 'a map', at)
      else for (const [key, below] of Object.entries(value)) if (!isQuantity(at, below)) this.#typed(below, map, [...at, key])
    } else if (type === 'string' || type === 'number' || type === 'boolean') {
      const quantity = type === 'string' && isQuantity(at.slice(0, -1), value)
      if (typeof value !== type && !quantity) this.#wrong(value, `a ${type}`, at)
    } else this.#model(value, type, at)
  }

  #model(value: unknown, type: string, at: readonly (string | number)[]): void {
    const model = modelOf(type)
    if (model === undefined || type === 'Date') return
    if (isRecord(value)) this.of(value, model, at)
    else if (model.getAttributeTypeMap().length > 0) this.#wrong(value, 'a map', at)
  }

  #wrong(value: unknown, wanted: string, at: readonly (string | number)[]): void {
    const is = Array.isArray(value) ? 'a list' : isRecord(value) ? 'a map' : `the ${typeof value} ${String(value).slice(0, 40)}`
    this.#tell('wrong-type', at, `${at.join('.')} is ${is}, and the API wants ${wanted}`)
  }

  #tell(rule: string, at: readonly (string | number)[], message: string): void {
    this.#said += 1
    if (this.#said <= MOST) this.#say(this.#object, rule, 'error', at, message, '`kubectl explain` shows the fields; correct it.')
  }
}

/** Amounts of things are written as texts, and as numbers too. */
function isQuantity(at: readonly (string | number)[], value: unknown): boolean {
  return (
    typeof value === 'number' &&
    at.some((part) => /^(?:limits|requests|hard|capacity|allocatable|default|defaultRequest|max|min|overhead|sizeLimit)$/.test(String(part)))
  )
}
