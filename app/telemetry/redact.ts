/**
 * Takes secrets out of text before it leaves the process: GitHub tokens in the old and the new form, JSON Web Tokens, private keys in PEM form (whole or
 * cut off, with real or escaped line ends), passwords in URLs, and any exact secret the process was given.
 */
const MARK = '[redacted]'

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/gh[pousr]_[A-Za-z0-9._-]{36,}/g, MARK],
  [/github_pat_[A-Za-z0-9_]{22,}/g, MARK],
  [/eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, MARK],
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:[A-Za-z0-9+/=\s:,.-]|\\r|\\n|\\\\n)*/g, MARK],
  [/(\/\/[^\s/:@"]{1,200}:)[^\s/@"]{1,200}@/g, `$1${MARK}@`],
]

/** @param secrets exact values; those under 8 characters are left out, since they would blank common words */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text
  for (const secret of secrets) if (secret.length >= 8) clean = clean.replaceAll(secret, MARK)
  for (const [shape, mark] of SHAPES) clean = clean.replace(shape, mark)
  return clean
}
