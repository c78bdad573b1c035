/** Why a bundle is not believed. Codes are closed; people, the release page and tests act on them. */
export const EVIDENCE_CODES = {
  'no-trust': 'The caller named nobody it trusts, or a name it gave is unusable.',
  'no-root': 'A certificate, timestamp or log entry is there, and no trusted root to check it with.',
  'bad-root': 'The trusted root cannot be read, or lacks what makes it safe, such as the start of a validity.',
  'too-large': 'More bytes than are ever read.',
  malformed: 'Not strict JSON, or not a Sigstore bundle of a known version with one signature.',
  'untrusted-signer': 'Signed by a key or with a certificate that is not trusted.',
  'bad-signature': 'The signature is not by that signer over these bytes.',
  'bad-certificate': 'The certificate does not chain to the trusted root, is not for signing, or lacks a field.',
  'expired-certificate': 'The certificate was not valid yet, or not any more, when it signed.',
  'bad-sct': 'The certificate is in no certificate log that the trusted root names.',
  'no-time': 'Nothing trusted says when it was signed.',
  'bad-time': 'A timestamp is not by a trusted authority over this signature, or lies in the future.',
  'no-log-entry': 'A transparency log entry is required, and none is there.',
  'bad-log-entry': 'A log entry is about something else, not proven to be in the log, or its checkpoint is not signed by the log.',
  'wrong-issuer': 'The identity was issued by somebody else than GitHub Actions.',
  'wrong-workflow': 'Signed by another workflow, by another commit of it, or called from another one than it says.',
  'wrong-runner': 'Signed on a runner that GitHub does not host, or on another than it says.',
  'wrong-trigger': 'Started by an event that never makes evidence, or by another than it says.',
  'wrong-run': 'Signed in another run than it says.',
  'wrong-ref': 'Signed on another branch or tag than it says.',
  'wrong-payload-type': 'The envelope holds something else than an in-toto statement.',
  'wrong-predicate': 'A kind of statement that is unknown or not expected here.',
  'wrong-subject': 'It is about other files, or other bytes.',
  'wrong-commit': 'It is about another commit.',
  'wrong-repository': 'It is about, or from, another repository.',
  schema: 'The statement or its predicate does not fit its schema.',
  'not-covered': 'A file that no believed statement covers.',
  duplicate: 'The same statement a second time.',
} as const

export type EvidenceErrorCode = keyof typeof EVIDENCE_CODES

/** Answered, not thrown: hostile input is an everyday case. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError'
  readonly code: EvidenceErrorCode
  constructor(code: EvidenceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
