/**
 * The WebAssembly of an OPA bundle, asked in process: https://www.openpolicyagent.org/docs/wasm. Each question gets a fresh instance, so that none leaves
 * anything to the next; memory and time are limited. Of the functions that WebAssembly does not hold, `sprintf` alone is lent, and only where its words are
 * surely those of OPA; a policy that calls another one is refused by name.
 */
import { createContext, Script } from 'node:vm'
import { PolicyError } from '../../../gates/policy/error.ts'
import { formatted } from './sprintf.ts'

/** What is used of WebAssembly's interface for JavaScript; Node's own types leave it out. */
interface Module {
  readonly [Symbol.toStringTag]: string
}
interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}
declare const WebAssembly: {
  readonly Module: new (bytes: ArrayBuffer) => Module
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => Memory
  readonly Instance: new (module: Module, imports: { readonly env: object }) => { readonly exports: unknown }
}

export interface WasmPolicy {
  readonly entrypoints: readonly string[]
  /** undefined: no answer. @param data what lies beside the rules @throws PolicyError `evaluation` */
  ask(entrypoint: string, input: unknown, data: unknown): unknown
}

interface Exports {
  readonly opa_wasm_abi_version: { readonly value: number }
  readonly opa_wasm_abi_minor_version: { readonly value: number }
  opa_malloc(bytes: number): number
  opa_json_parse(address: number, bytes: number): number
  opa_json_dump(value: number): number
  opa_heap_ptr_get(): number
  opa_eval(reserved: 0, entrypoint: number, data: number, input: number, bytes: number, heap: number, format: 0): number
  builtins(): number
  entrypoints(): number
}

/** Pages of 64 KiB: 256 MiB. */
const MEMORY = { initial: 5, maximum: 4096 }
const ASK_MS = 5000
const WATCHED = new Script('ask()')

class Instance {
  readonly exports: Exports
  readonly #memory = new WebAssembly.Memory(MEMORY)
  readonly #builtins: ReadonlyMap<number, string>

  constructor(module: Module) {
    const call = (id: number, _context: number, ...values: number[]): number => this.#lend(id, values)
    const env = {
      memory: this.#memory,
      opa_abort: (address: number): never => {
        throw new Error(this.#text(address))
      },
      opa_println: () => {},
      opa_builtin0: call,
      opa_builtin1: call,
      opa_builtin2: call,
      opa_builtin3: call,
      opa_builtin4: call,
    }
    this.exports = new WebAssembly.Instance(module, { env }).exports as Exports
    const named = this.json(this.exports.builtins()) as Readonly<Record<string, number>>
    this.#builtins = new Map(Object.entries(named).map(([name, id]) => [id, name]))
  }

  get missing(): readonly string[] {
    return [...this.#builtins.values()].filter((name) => name !== 'sprintf').toSorted()
  }

  /** A value of the policy -> plain data. */
  json(value: number): unknown {
    return JSON.parse(this.#text(this.exports.opa_json_dump(value)))
  }

  /** Plain data -> a value of the policy. */
  value(data: unknown): number {
    const bytes = Buffer.from(JSON.stringify(data))
    const address = this.exports.opa_malloc(bytes.length)
    new Uint8Array(this.#memory.buffer).set(bytes, address)
    const value = this.exports.opa_json_parse(address, bytes.length)
    if (value === 0) throw new Error('it takes no such document')
    return value
  }

  evaluate(entrypoint: number, input: unknown, data: unknown): unknown {
    const held = this.value(data)
    const at = this.exports.opa_heap_ptr_get()
    const bytes = Buffer.from(input === undefined ? '' : JSON.stringify(input))
    const lacks = at + bytes.length - this.#memory.buffer.byteLength
    if (lacks > 0) this.#memory.grow(Math.ceil(lacks / 65_536))
    new Uint8Array(this.#memory.buffer).set(bytes, at)
    const answer = this.exports.opa_eval(0, entrypoint, held, input === undefined ? 0 : at, bytes.length, at + bytes.length, 0)
    const results = JSON.parse(this.#text(answer)) as readonly { readonly result: unknown }[]
    return results.length === 1 ? results[0]?.result : undefined
  }

  #text(address: number): string {
    const from = new Uint8Array(this.#memory.buffer).subarray(address)
    return Buffer.from(from.subarray(0, from.indexOf(0))).toString('utf8')
  }

  #lend(id: number, values: readonly number[]): number {
    const name = this.#builtins.get(id) ?? String(id)
    if (name !== 'sprintf') throw new Error(`it calls ${name}`)
    const [format, given] = values.map((value) => this.json(value))
    return this.value(formatted(format, given))
  }
}

/** @throws PolicyError `unreadable`, `builtins` */
export function wasmPolicy(wasm: Uint8Array, timeoutMs = ASK_MS): WasmPolicy {
  let module: Module
  let entrypoints: Readonly<Record<string, number>>
  let missing: readonly string[]
  try {
    module = new WebAssembly.Module(wasm.slice().buffer)
    const first = new Instance(module)
    const version = first.exports.opa_wasm_abi_version.value + first.exports.opa_wasm_abi_minor_version.value / 10
    if (version < 1.2 || version >= 2) throw new Error(`its interface is ${version}`)
    entrypoints = first.json(first.exports.entrypoints()) as Readonly<Record<string, number>>
    missing = first.missing
  } catch (cause) {
    throw new PolicyError('unreadable', `the WebAssembly of the policy cannot be loaded: ${said(cause)}`, { cause })
  }
  if (missing.length > 0)
    throw new PolicyError(
      'builtins',
      `the policy calls ${missing.join(', ')}, which WebAssembly does not hold; write it without, or put opa on the PATH`,
    )
  return {
    entrypoints: Object.keys(entrypoints).toSorted(),
    ask(entrypoint, input, data) {
      const id = entrypoints[entrypoint]
      if (id === undefined) throw new PolicyError('evaluation', `the bundle has no entrypoint ${entrypoint}`)
      try {
        return WATCHED.runInContext(createContext({ ask: () => new Instance(module).evaluate(id, input, data) }), { timeout: timeoutMs })
      } catch (cause) {
        throw new PolicyError('evaluation', `the policy could not be evaluated: ${said(cause)}`, { cause })
      }
    },
  }
}

function said(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'it did not end in time'
  return (error instanceof Error ? error.message : String(error)).slice(0, 500)
}
