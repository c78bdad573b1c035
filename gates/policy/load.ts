/** WebAssembly of a policy -> a question that can be asked. Functions that the WebAssembly does not hold itself are refused when it is loaded, by name. Pure. */
import { loadPolicy as load } from '@open-policy-agent/opa-wasm'
import { PolicyError } from './error.ts'

/** @returns the policy's answer, not checked yet; undefined: it has none for this input */
export type Ask = (input: unknown) => unknown

interface Exports {
  readonly builtins: () => number
  readonly opa_json_dump: (address: number) => number
}

/** Pages of 64 KiB. */
const MEMORY = { initial: 5, maximum: 512 }

/** @throws PolicyError `unreadable`, `builtins`; what is returned throws `evaluation` */
export async function loadPolicy(wasm: Uint8Array, entrypoint: string): Promise<Ask> {
  const policy = await load(wasm.slice().buffer, { ...MEMORY }).catch((cause: unknown) => {
    throw new PolicyError('unreadable', 'the WebAssembly of the policy cannot be loaded', { cause })
  })
  const missing = builtinsOf(policy.wasmInstance, policy.mem)
  if (missing.length > 0)
    throw new PolicyError('builtins', `the policy calls ${missing.join(', ')}, which WebAssembly does not hold; write it without, or ask a server`)
  return (input) => {
    try {
      const results = policy.evaluate(input, entrypoint) as readonly { readonly result: unknown }[]
      return results.length === 1 ? results[0]?.result : undefined
    } catch (error) {
      throw new PolicyError('evaluation', `the policy could not be evaluated: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  }
}

/** Names of the functions it would ask its host for. */
function builtinsOf({ exports }: { readonly exports: Exports }, { buffer }: { readonly buffer: ArrayBuffer }): readonly string[] {
  const from = new Uint8Array(buffer).subarray(exports.opa_json_dump(exports.builtins()))
  const names = JSON.parse(Buffer.from(from.subarray(0, from.indexOf(0))).toString('utf8')) as Readonly<Record<string, number>>
  return Object.keys(names).toSorted()
}
