/** What looks like a secret that a build would write into an image's config or history: by its name with a literal value, or by the value's shape. */

const NAME =
  /(?:^|_)(?:PASS|PASSWD|PASSWORD|PASSPHRASE|SECRET|SECRETS|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|SECRET_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|AUTH_?KEY|CREDENTIALS?|CONNECTION_?STRING|DSN)(?:$|_)/i
const GLUED = /(?:password|passwd|secret|token|apikey|api_key|accesskey|privatekey|credential)s?$/i
/** The name says where a secret is, or how it is handled; not what it is. */
const ABOUT =
  /(?:_FILE|_PATH|_DIR|_URL|_URI|_NAME|_ID|_TTL|_EXPIRY|_EXPIRES|_LENGTH|_HEADER|_ALGORITHM|_TYPE|_ISSUER|_ENDPOINT|_MOUNT|_COUNT|_LIMIT)$/i

const VALUES: readonly (readonly [name: string, shape: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})/],
  ['a GitLab token', /\bglpat-[A-Za-z0-9_-]{20,}/],
  ['a Slack token', /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['a Google API key', /\bAIza[0-9A-Za-z_-]{35}\b/],
  ['a Stripe key', /\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,}/],
  ['a JSON Web Token', /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/],
  [
    'a token of a known service',
    /\b(?:sk-ant-(?:api|admin)\d\d-|sk-(?:proj|svcacct|admin)-|SG\.|pypi-AgE|dckr_pat_|do[opr]_v1_|gl(?:c|sa)_|pscale_(?:tkn|pw|oauth)_|sntry[su]_|rubygems_|HRKU-|xkeysib-|pplx-|ntn_|PMAK-|rdme_|hvs\.|hf_|shp(?:at|ca|pa|ss)_|lin_api_|AGE-SECRET-KEY-1|atlasv1\.|dp\.pt\.)[A-Za-z0-9_.=-]{20,}/,
  ],
  ['a URL with a password', /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]{0,200}:[^\s/@$]{1,200}@/i],
]

const INNOCENT = /^(?:true|false|yes|no|on|off|null|none|\d{1,3})$/i
/** Where something lies, and not what it is. */
const FILE = /^(?:\/[a-z0-9._-]{1,40}){2,12}$/

/** Name and value of an ENV or ARG -> why it looks like a secret, never with the value; null when it does not. */
export function secretIn(name: string, value: string | null): string | null {
  const shape = value === null ? undefined : VALUES.find(([, pattern]) => pattern.test(value))
  if (shape !== undefined) return `its value looks like ${shape[0]}`
  if (ABOUT.test(name) || !(NAME.test(name) || GLUED.test(name))) return null
  if (value === null || value === '' || INNOCENT.test(value) || FILE.test(value) || /^\$(?:\w+|\{\w+\})$/.test(value)) return null
  return 'its name says so, and it has a value'
}

/** An ARG that is meant to be given a secret at build time: the value then stays in the image's history. */
export function namesSecret(name: string): boolean {
  return !ABOUT.test(name) && (NAME.test(name) || GLUED.test(name))
}
