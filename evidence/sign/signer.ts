/**
 * The contract of a signer: statement bytes in, Sigstore bundle out.
 *
 * What is signed is bytes, never a value: the caller makes them once with `statementBytes`, and a verifier parses only what the signature covers. The
 * bundle is Sigstore's format v0.3 with one DSSE envelope, one signature, and payload type `application/vnd.in-toto+json`, so tools of others verify
 * it too. A signer keeps its key to itself: neither an error nor the bundle ever holds it.
 */
export interface Signer {
  /** Name of the signer for people, as in the config's `trust.keys[].id`. Trust never rests on it: it rests on the key. */
  readonly id: string
  /**
   * @param statementBytes the exact payload
   * @returns Sigstore bundle v0.3 as JSON value; `bundleBytes` gives its file form
   */
  sign(statementBytes: Uint8Array): Promise<unknown>
}
