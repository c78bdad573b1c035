/**
 * The operator's own file and environment: where things are and what they are called. Nothing in it comes from a repository, and no secret stands in
 * it: secrets are files it names, or environment variables. Paths are taken from the folder of the file.
 *
 *     WEBHOOK_SECRET            secret of the App's webhook, at least 32 random bytes (required)
 *     WEBHOOK_SECRET_PREVIOUS   the one before, while it is being changed
 *     COSIGN_PASSWORD           opens an encrypted signing key
 *     GITHUB_CLIENT_SECRET      of the App, with `login` in the file
 *     OPA_URL, OPA_TOKEN        a policy server that must agree to commands, and the bearer token for it
 *     DATABASE_URL              a PostgreSQL server; without it the embedded database under data_dir is used
 */
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { readDocument, type Places } from '../evidence/config/document.ts'
import { keyOf } from '../evidence/config/problem.ts'
import { Environment } from '../evidence/model/phases.ts'
import { Duration, milliseconds } from '../evidence/model/primitives.ts'
import type { TrustedRoot } from '../evidence/verify/verifier.ts'
import { OperatorError } from './error.ts'
import { issuerOf } from './github/job-token.ts'
import { RetentionEntry, StoreEntry, StoreEntryName } from './keep/entries.ts'
import { limitsOf, USED_BY, type Kind, type Limits } from './limits.ts'
import { OPERATOR_EXAMPLE } from './operator-example.ts'
import { privateKey, readNamed, signingKey, trustedRoot } from './operator-files.ts'
import { HttpUrl, policyServerOf, TracesUrl, WebhookEntry, webhookOf, webhookSecrets as webhookSecretsOf } from './outgoing/entries.ts'
import type { NamedPolicyServer } from './outgoing/opa.ts'
import type { NamedWebhook } from './outgoing/webhooks.ts'
import { lookProblems, MetricsEntry, sourceOf } from './rollout/metrics/entries.ts'
import type { MetricsSource } from './rollout/metrics/sources.ts'
import { BY_WORKFLOW } from './rollout/by-workflow.ts'
import { namedRouter, RouterEntry, secretOf, type NamedRouter } from './rollout/routers/entries.ts'
import { loginOf, LoginEntry, loginProblem, type NamedLogin } from './web/login-entry.ts'
import type { PageAccess } from './web/web.ts'
import { WebhookError } from './webhooks/error.ts'
import { webhookSecrets, type WebhookSecrets } from './webhooks/signature.ts'

export { OperatorError } from './error.ts'

const Path = z.string().min(1).max(1000)
const Name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name such as prod-proxy')
const Wait = Duration.refine((text) => milliseconds(text) >= 1000, 'a duration of a second or more, such as 60s')

/** A Sigstore instance: whose certificates are believed, and where packs are logged and timestamped. */
const SigstoreEntry = z
  .strictObject({
    trusted_root_file: Path.optional(),
    rekor: z.strictObject({ url: HttpUrl, version: z.literal([1, 2]) }).optional(),
    tsa: z.strictObject({ url: HttpUrl }).optional(),
  })
  .refine((entry) => entry.trusted_root_file !== undefined || (entry.rekor === undefined && entry.tsa === undefined), {
    path: ['trusted_root_file'],
    error: 'the trusted_root.json that names the log and the clock: what they say is kept only after it was verified',
  })

const OperatorFile = z
  .strictObject({
    github: z.strictObject({
      api_url: HttpUrl.default('https://api.github.com'),
      app_id: z.number().int().positive(),
      private_key_file: Path,
      /** Who signs the identity tokens of jobs; absent: as GitHub does at this address. */
      issuer: HttpUrl.optional(),
      /** GitHub's limits of a minute; a GitHub Enterprise Server may have none. */
      rate_limits: z.enum(['on', 'off']).default('on'),
    }),
    listen: z
      .strictObject({ host: z.string().min(1).max(255).default('0.0.0.0'), port: z.number().int().min(0).max(65_535).default(3000) })
      .prefault({}),
    /** Where the world reaches `listen`: addresses of pictures begin with it. */
    public_url: HttpUrl.optional(),
    traces_url: TracesUrl.optional(),
    /** Who finds the release pages: whoever has an address, everybody by the list at `/`, or nobody. */
    pages: z.enum(['by-address', 'open', 'off']).default('by-address'),
    /** Lets people log in with GitHub on the pages; absent: nobody can. */
    login: LoginEntry.optional(),
    data_dir: Path,
    signing: z.strictObject({ id: Name, key_file: Path }),
    sigstore: SigstoreEntry.prefault({}),
    routers: z
      .record(
        Name.refine((name) => name !== BY_WORKFLOW, `another name: "${BY_WORKFLOW}" stands for the deploy workflow`),
        RouterEntry,
      )
      .default({}),
    metrics: z.record(Name, MetricsEntry).default({}),
    webhooks: z.record(Name, WebhookEntry).default({}),
    probes: z.record(Name, z.strictObject({ url: HttpUrl, ...USED_BY })).default({}),
    artifacts_dir: Path.default('artifacts'),
    stores: z.record(StoreEntryName, StoreEntry).default({}),
    retention: RetentionEntry.prefault({}),
    sweep: Wait.default('60s'),
    /** Time between two looks at a canary. */
    look: Duration.default('1s'),
    evidence_deadline: Wait.default('30m'),
    env: Environment.optional(),
    tenant: z.string().min(1).max(100).optional(),
  })
  .superRefine(({ login, pages, public_url }, context) => {
    const message = login === undefined ? null : loginProblem(public_url ?? '', pages)
    if (message !== null) context.addIssue({ code: 'custom', path: ['login'], message })
  })
  .superRefine(({ look, metrics }, context) => {
    for (const message of lookProblems(look, metrics)) context.addIssue({ code: 'custom', path: ['look'], message })
  })
type OperatorFile = z.infer<typeof OperatorFile>

export interface Operator {
  readonly github: {
    readonly apiUrl: string
    readonly appId: number
    readonly privateKey: string
    readonly isLimited?: boolean
  }
  /** Who signs the identity tokens of jobs, without a slash at its end. */
  readonly issuer: string
  readonly secrets: WebhookSecrets
  /** null: embedded. */
  readonly databaseUrl: string | null
  readonly listen: { readonly host: string; readonly port: number }
  /** Without a slash at its end; null: pictures are not shown in comments. */
  readonly publicUrl: string | null
  readonly pages: PageAccess
  /** null: nobody can log in. */
  readonly login: NamedLogin | null
  readonly tracesUrl: string | null
  readonly dataDir: string
  readonly signing: { readonly id: string; readonly key: string }
  /** What certificates and log entries are checked against; null: no certificate is believed, and nothing is logged. */
  readonly trustedRoot: TrustedRoot | null
  /** The transparency log for packs, and the timestamping authority; null: none. */
  readonly rekor: { readonly url: string; readonly version: 1 | 2 } | null
  readonly tsaUrl: string | null
  readonly routers: Readonly<Record<string, NamedRouter>>
  readonly metrics: Readonly<Record<string, MetricsSource>>
  readonly webhooks: Readonly<Record<string, NamedWebhook>>
  readonly probes: Readonly<Record<string, string>>
  /** Every named entry, by its kind. */
  readonly named: Readonly<Record<Kind, Readonly<Record<string, unknown>>>>
  /** Which repositories may use which of them. */
  readonly limits: Limits
  /** null: the policy in process decides alone. */
  readonly policyServer: NamedPolicyServer | null
  readonly artifactsDir: string
  readonly sweepMs: number
  readonly lookMs: number
  readonly evidenceDeadlineMs: number
  /** Default values of the `env` and `tenant` fields of logs and metrics. */
  readonly env: string | null
  readonly tenant: string | null
}

/**
 * @param file path of the operator's YAML
 * @param environment usually process.env
 * @throws OperatorError with every problem at once, each with line, key, what was expected and an example
 */
export function loadOperator(file: string, environment: Readonly<Record<string, string | undefined>>): Operator {
  const parsed = parseOperator(readNamed(file, 'the operator file'), file)
  const base = dirname(resolve(file))
  const secrets = strongSecrets(environment)
  const policyServer = policyServerOf(environment)
  if (typeof policyServer === 'string') throw invalid([policyServer])
  const login = parsed.login === undefined ? null : loginOf(parsed.login, environment)
  if (typeof login === 'string') throw invalid([login])
  return {
    login,
    github: {
      apiUrl: parsed.github.api_url.replace(/\/$/, ''),
      appId: parsed.github.app_id,
      isLimited: parsed.github.rate_limits === 'on',
      privateKey: privateKey(resolve(base, parsed.github.private_key_file), 'github.private_key_file'),
    },
    issuer: (parsed.github.issuer ?? issuerOf(parsed.github.api_url)).replace(/\/+$/, ''),
    secrets,
    databaseUrl: databaseUrl(environment.DATABASE_URL),
    listen: parsed.listen,
    pages: parsed.pages,
    tracesUrl: parsed.traces_url ?? null,
    publicUrl: parsed.public_url?.replace(/\/+$/, '') ?? null,
    dataDir: resolve(base, parsed.data_dir),
    signing: { id: parsed.signing.id, key: signingKey(resolve(base, parsed.signing.key_file), environment['COSIGN_PASSWORD']) },
    trustedRoot: parsed.sigstore.trusted_root_file === undefined ? null : trustedRoot(resolve(base, parsed.sigstore.trusted_root_file)),
    rekor: parsed.sigstore.rekor ?? null,
    tsaUrl: parsed.sigstore.tsa?.url ?? null,
    routers: mapValues(parsed.routers, (entry) => namedRouter(entry, base, readNamed)),
    metrics: Object.fromEntries(Object.entries(parsed.metrics).map(([name, entry]) => [name, metricsSource(name, entry, environment)])),
    probes: mapValues(parsed.probes, ({ url }) => url),
    webhooks: Object.fromEntries(Object.entries(parsed.webhooks).map(([name, entry]) => [name, namedWebhook(name, entry, environment)])),
    named: parsed,
    limits: limitsOf(parsed),
    policyServer,
    artifactsDir: resolve(base, parsed.artifacts_dir),
    sweepMs: milliseconds(parsed.sweep),
    lookMs: milliseconds(parsed.look),
    evidenceDeadlineMs: milliseconds(parsed.evidence_deadline),
    env: parsed.env ?? null,
    tenant: parsed.tenant ?? null,
  }
}

function namedWebhook(name: string, entry: WebhookEntry, environment: Readonly<Record<string, string | undefined>>): NamedWebhook {
  const webhook = webhookOf(entry, environment)
  if (typeof webhook !== 'string') return webhook
  throw new OperatorError('unreadable', `webhooks.${name}.${webhook}`)
}

/** Every value that must never be printed. */
export function secretsOf(operator: Operator): readonly string[] {
  const tokens = [
    ...Object.values(operator.routers).map(secretOf),
    ...webhookSecretsOf(operator.webhooks),
    ...Object.values(operator.metrics).map((metrics) => (metrics.kind === 'prometheus' ? metrics.source.token : null)),
  ]
  const password = operator.databaseUrl === null ? '' : decodeURIComponent(new URL(operator.databaseUrl).password)
  return [
    operator.secrets.current,
    operator.secrets.previous,
    password,
    operator.policyServer?.token ?? null,
    operator.login?.clientSecret ?? null,
    ...tokens,
  ].filter((value): value is string => value !== null && value !== '')
}

/** @throws OperatorError `invalid` */
export function parseOperator(text: string, file = 'operator.yml'): OperatorFile {
  const document = readDocument(text)
  if (!document.ok)
    throw invalid(document.problems.map((problem) => `${file}:${problem.line}: ${problem.key} ${problem.message}. Expected ${problem.expected}.`))
  const parsed = OperatorFile.safeParse(document.value)
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.flatMap((issue) => describe(issue, document.places, file)))
}

function describe(issue: z.core.$ZodIssue, places: Places, file: string): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      line(file, places.key([...issue.path, key]).line, keyOf([...issue.path, key]), 'is not a known key', 'no such key', issue.path),
    )
  const inner = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  return [line(file, places.value(issue.path).line, keyOf(issue.path), 'is missing or wrong', inner, issue.path)]
}

function line(file: string, at: number, key: string, what: string, expected: string, path: readonly PropertyKey[]): string {
  const first = String(path[0] ?? 'github')
  const example = OPERATOR_EXAMPLE.split(/\n(?=\S)/).find((part) => part.startsWith(`${first}:`)) ?? OPERATOR_EXAMPLE
  return `${file}:${at}: ${key === '' ? 'the file' : key} ${what}. Expected: ${expected}. Example: ${example.trim()}`
}

function invalid(problems: readonly string[]): OperatorError {
  return new OperatorError('invalid', problems.join('\n'))
}

function strongSecrets(environment: Readonly<Record<string, string | undefined>>): WebhookSecrets {
  try {
    return webhookSecrets(environment)
  } catch (error) {
    if (error instanceof WebhookError) throw new OperatorError('weak-secret', error.message, { cause: error })
    throw error
  }
}

function metricsSource(name: string, entry: MetricsEntry, environment: Readonly<Record<string, string | undefined>>): MetricsSource {
  const source = sourceOf(entry, environment)
  if (typeof source !== 'string') return source
  throw new OperatorError('unreadable', `metrics.${name}.token_env: ${source} holds no token. Put the bearer token there.`)
}

function databaseUrl(text: string | undefined): string | null {
  if (text === undefined || text === '') return null
  if (URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)) return text
  throw invalid(['DATABASE_URL is not the address of a PostgreSQL server. Expected: postgres://user:password@host:5432/database.'])
}

function mapValues<From, To>(map: Readonly<Record<string, From>>, to: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, to(value)]))
}
