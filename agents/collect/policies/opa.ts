/**
 * Rego by the program `opa`: checked strictly, tested, and asked about each document. It runs without what could tell it something else than the documents:
 * no network, no environment, no chance. An error of a builtin is an error, not an undefined rule.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { PolicyAnswer, PolicyFault, PolicySet, PolicyTest } from '../inputs.policies.ts'
import { programOf, runProgram } from '../program.ts'
import { answerOf, isAsked, NOT_COMPILED, unanswered } from './answers.ts'
import type { AskedDocument } from './documents.ts'
import type { SourceFile } from './sources.ts'

export interface Opa {
  readonly program: string
  readonly version: string
}

/** What makes two runs differ, or reaches out. The time stays: exceptions end. */
const REFUSED = new Set([
  'http.send',
  'net.lookup_ip_addr',
  'opa.runtime',
  'rand.intn',
  'uuid.rfc4122',
  'io.jwt.encode_sign',
  'io.jwt.encode_sign_raw',
])
const SET_MS = 120_000
const CALL_MS = 20_000
const CHUNK = 200
const CHUNK_BYTES = 8 << 20
const SEEN = 'release_conductor_seen'

const Capabilities = z.looseObject({ builtins: z.array(z.looseObject({ name: z.string() })) })
const Location = z.looseObject({ file: z.string(), row: z.number().int() })
const Errors = z.looseObject({ errors: z.array(z.looseObject({ message: z.string(), location: Location.nullish() })) })
const Tests = z.array(
  z.looseObject({
    package: z.string(),
    name: z.string(),
    fail: z.boolean().nullish(),
    skip: z.boolean().nullish(),
    error: z.looseObject({ message: z.string().nullish() }).nullish(),
  }),
)
const Dependencies = z.looseObject({ virtual: z.array(z.array(z.looseObject({ value: z.unknown() }))).nullish() })
const Evaluated = z.array(z.strictObject({ seen: z.array(z.literal(true)).length(1), values: z.record(z.string(), z.array(z.unknown()).max(1)) }))

/** null: this job has none. */
export async function findOpa(): Promise<Opa | null> {
  const program = await programOf('opa')
  if (program === null) return null
  const { out } = await runProgram(program, ['version'], { cwd: tmpdir(), timeoutMs: CALL_MS })
  return { program, version: /^Version: (\S{1,50})$/m.exec(out)?.[1] ?? 'unknown' }
}

type Judged = Pick<PolicySet, 'faults' | 'tests' | 'rules' | 'answers'>

/** Never throws for what the policy does. @param timeoutMs of all of it */
export async function judgeByOpa(
  opa: Opa,
  sources: readonly SourceFile[],
  asked: ReadonlyMap<string, readonly AskedDocument[]>,
  timeoutMs = SET_MS,
): Promise<Judged> {
  const scratch = await mkdtemp(join(tmpdir(), 'policies-'))
  try {
    return await new Judge(opa, scratch, Date.now() + timeoutMs).judge(sources, asked)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

class Judge {
  readonly #opa: Opa
  readonly #scratch: string
  readonly #deadline: number
  constructor(opa: Opa, scratch: string, deadline: number) {
    this.#opa = opa
    this.#scratch = scratch
    this.#deadline = deadline
  }

  async judge(sources: readonly SourceFile[], asked: ReadonlyMap<string, readonly AskedDocument[]>): Promise<Judged> {
    const without = await this.#lay(sources)
    const faults = without === null ? await this.#check(sources) : [fault(sources, null, without)]
    const none = (why: string): PolicyAnswer[] =>
      [...asked].flatMap(([name, documents]) => documents.map(({ place }) => unanswered(place, name, why)))
    if (faults.length > 0) return { faults, tests: [], rules: [], answers: none(NOT_COMPILED) }
    const tests = await this.#test()
    const rules: { package: string; rule: string }[] = []
    const answers: PolicyAnswer[] = []
    for (const [name, documents] of asked) {
      const names = await this.#rules(name)
      rules.push(...names.filter(isAsked).map((rule) => ({ package: name, rule })))
      if (!names.some(isAsked)) continue
      for (const chunk of chunks(documents)) answers.push(...(await this.#evaluate(name, names, chunk)))
    }
    return { faults, tests, rules: rules.slice(0, 2000), answers }
  }

  #run(args: readonly string[], input?: string) {
    const timeoutMs = Math.min(CALL_MS, this.#deadline - Date.now())
    if (timeoutMs <= 0) return Promise.resolve({ code: null, out: '', said: '', why: 'the time for policies was used up' })
    return runProgram(this.#opa.program, args, { cwd: this.#scratch, timeoutMs, ...(input !== undefined && { input }) })
  }

  /** The policy as a bundle has it, and what it may call. @returns why that is not possible */
  async #lay(sources: readonly SourceFile[]): Promise<string | null> {
    const able = await this.#run(['capabilities', '--current'])
    const capabilities = parsed(Capabilities, able.out)
    if (capabilities === null) return `opa tells no capabilities: ${able.why ?? able.said}`
    const builtins = capabilities.builtins.filter(({ name }) => !REFUSED.has(name))
    await writeFile(join(this.#scratch, 'capabilities.json'), JSON.stringify({ ...capabilities, builtins, allow_net: [] }))
    for (const { within, bytes } of sources) {
      const at = join(this.#scratch, 'policy', within)
      await mkdir(dirname(at), { recursive: true })
      await writeFile(at, bytes)
    }
    await mkdir(join(this.#scratch, 'seen'))
    await writeFile(join(this.#scratch, 'seen/seen.rego'), `package ${SEEN}\n\ndocument := input\n`)
    return null
  }

  async #check(sources: readonly SourceFile[]): Promise<PolicyFault[]> {
    const { code, said, out, why } = await this.#run(['check', '--strict', '--bundle', '--format=json', '--capabilities=capabilities.json', 'policy'])
    if (code === 0) return []
    const told = parsed(Errors, said) ?? parsed(Errors, out)
    if (told === null || told.errors.length === 0) return [fault(sources, null, why ?? (said.trim() || 'opa check refuses it'))]
    return told.errors.slice(0, 100).map(({ message, location }) => fault(sources, location ?? null, message))
  }

  async #test(): Promise<PolicyTest[]> {
    const { out, said, why } = await this.#run(['test', '--bundle', '--format=json', '--timeout=5s', '--capabilities=capabilities.json', 'policy'])
    // Without any test it says nothing at all.
    if (why === null && out.trim() === '' && said.trim() === '') return []
    const told = parsed(Tests, out)
    if (told === null)
      return [{ package: 'all', name: 'all', outcome: 'error', why: (why ?? said.trim()).slice(0, 1000) || 'opa test tells nothing' }]
    return told.slice(0, 2000).map((one) => ({
      package: one.package.replace(/^data\./, '').slice(0, 500),
      name: one.name.slice(0, 500),
      outcome: one.skip === true ? 'skip' : one.error != null ? 'error' : one.fail === true ? 'fail' : 'pass',
      why: one.error?.message?.slice(0, 1000) ?? null,
    }))
  }

  /** Names of the rules of a package that an answer is made of. */
  async #rules(name: string): Promise<string[]> {
    const { out } = await this.#run(['deps', '--format=json', '--bundle=policy', `data.${name}`])
    const place = name.split('.')
    const virtual = parsed(Dependencies, out)?.virtual ?? []
    const names = virtual
      .map((path) => path.map(({ value }) => String(value)))
      .filter((path) => path[0] === 'data' && path.length > place.length + 1 && place.every((part, at) => path[at + 1] === part))
      .map((path) => path[place.length + 1] ?? '')
    return [...new Set(names)].filter((rule) => isAsked(rule) || rule === 'exception').toSorted()
  }

  /** What breaks for one document is told of that one, and not of the others. */
  async #evaluate(name: string, rules: readonly string[], documents: readonly AskedDocument[]): Promise<PolicyAnswer[]> {
    const input = JSON.stringify({ documents: documents.map(({ value, file }) => ({ value, file })) })
    const args = ['eval', '--bundle=policy', '--data=seen', '--stdin-input', '--format=raw', '--strict-builtin-errors']
    const ended = await this.#run([...args, '--capabilities=capabilities.json', '--timeout=10s', queryOf(name, rules)], input)
    const told = ended.code === 0 ? parsed(Evaluated, ended.out) : null
    if (told?.length === documents.length)
      return documents.map(({ place }, at) => {
        const values = Object.entries(told[at]?.values ?? {}).map(([rule, [value]]) => [rule, value] as const)
        return answerOf(place, name, new Map(values))
      })
    const why = ended.why ?? (ended.code === 0 ? 'opa answered something else than was asked' : ended.said.trim() || ended.out.trim())
    const [only] = documents
    if (only === undefined) return []
    if (documents.length === 1) return [unanswered(only.place, name, why)]
    const half = Math.ceil(documents.length / 2)
    return [...(await this.#evaluate(name, rules, documents.slice(0, half))), ...(await this.#evaluate(name, rules, documents.slice(half)))]
  }
}

/**
 * Each rule on each document. The values of `with` stand in variables, for a reference there is looked up when the document has been replaced already; and
 * each answer says that the rules did see its document.
 */
function queryOf(name: string, rules: readonly string[]): string {
  const given = 'with input as document with data.conftest.file as file'
  const values = rules.map((rule) => `"${rule}": [value | value := data.${name}.${rule} ${given}]`)
  return [
    '[answer |',
    'some entry in input.documents',
    'document := entry.value',
    'file := entry.file',
    `seen := [true | it := data.${SEEN}.document with input as document; it == document]`,
    `answer := {"seen": seen, "values": {${values.join(', ')}}}`,
    ']',
  ].join('\n')
}

function chunks(documents: readonly AskedDocument[]): AskedDocument[][] {
  const found: AskedDocument[][] = []
  let bytes = 0
  for (const document of documents) {
    const last = found.at(-1)
    bytes += document.bytes
    if (last === undefined || last.length >= CHUNK || bytes > CHUNK_BYTES) {
      found.push([document])
      bytes = document.bytes
    } else last.push(document)
  }
  return found
}

function fault(sources: readonly SourceFile[], at: z.infer<typeof Location> | null, message: string): PolicyFault {
  const source = sources.find(({ within }) => at !== null && at.file.endsWith(`policy/${within}`)) ?? sources[0]
  return { path: source?.path ?? 'policy', line: at !== null && at.row > 0 ? at.row : null, message: message.slice(0, 1000) || 'it does not compile' }
}

function parsed<Of>(schema: z.ZodType<Of>, text: string): Of | null {
  try {
    const read = schema.safeParse(JSON.parse(text))
    return read.success ? read.data : null
  } catch {
    return null
  }
}
