/** Writes what a deploy job says it really runs as a hand-over with one entry, ready to be signed. */
import { canonicalize } from '../../evidence/core/canonical.ts'
import { parseJson } from '../../evidence/core/json.ts'
import { Handover, HANDOVER_FILE } from '../../evidence/model/handover.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { RolloutEventPredicate } from '../../evidence/model/statement.ts'
import { ActionError } from '../lib/error.ts'
import { writeFolder } from '../lib/folder.ts'

export interface ReportInputs {
  readonly version: string
  readonly environment: string
  /** The release's commit; the deploy job itself runs on the default branch. */
  readonly sha: string
  /** Traffic in percent, as text. */
  readonly step: string
  readonly plan: string
  /** JSON object, image or service -> `sha256:<64 hex>`. */
  readonly digests: string
  /** JSON object, such as `{"live": 42}`; null: the job does not tell it. */
  readonly schema?: string | null
  /** `deployed` or `withdrawn`. */
  readonly event: string
  readonly out: string
  /** Epoch milliseconds. */
  readonly now: number
}

const Entry = RolloutEventPredicate.omit({ origin: true })

/** @throws ActionError `bad-input`, naming the input */
export async function run(inputs: ReportInputs): Promise<Handover> {
  const parsed = Entry.safeParse({
    schema_version: 1,
    event: inputs.event,
    environment: inputs.environment,
    step: /^\d{1,3}$/.test(inputs.step) ? Number(inputs.step) : inputs.step,
    plan: inputs.plan,
    version: inputs.version,
    sha: inputs.sha,
    digests: objectOf('digests', inputs.digests, '{"shop": "sha256:..."}'),
    ...(inputs.schema != null && { schema: objectOf('schema', inputs.schema, '{"live": 42}') }),
    made_at: timestamp(inputs.now),
  })
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new ActionError('bad-input', `The deployment cannot be reported. ${issues.join('; ')}`)
  }
  if (Object.keys(parsed.data.digests).length === 0)
    throw new ActionError('bad-input', 'digests is empty: a report without a digest says nothing about what runs.')
  const handover = Handover.parse({ schema_version: 1, phase: 'P6', responses: [], self_tests: [], deployments: [parsed.data], files: [] })
  await writeFolder(inputs.out, new Map([[HANDOVER_FILE, Buffer.from(canonicalize(handover))]]))
  return handover
}

function objectOf(name: string, text: string, example: string): unknown {
  try {
    return parseJson(Buffer.from(text), { maxBytes: 64 * 1024, maxDepth: 2 })
  } catch (cause) {
    throw new ActionError('bad-input', `${name} is not a JSON object such as ${example}; the deploy job must output it.`, { cause })
  }
}
