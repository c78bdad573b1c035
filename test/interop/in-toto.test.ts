/** in-toto's own library reads every kind of statement that we write, and its SLSA provenance and test result; it and we refuse the same. */
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalize } from '../../evidence/core/canonical.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import { SPDX_TYPE, CYCLONEDX_TYPE, predicateType } from '../../evidence/model/kinds.ts'
import { readZip } from '../../evidence/pack/zip.ts'
import { artifactStatementOf, statementBytes } from '../../evidence/sign/statement.ts'
import { payloadOf } from '../../evidence/verify/bundle.ts'
import { readClaim } from '../../evidence/verify/claim.ts'
import { EvidenceError } from '../../evidence/verify/error.ts'
import { CYCLONEDX, PROVENANCE, SPDX, TEST_RESULT, WAIVER } from '../evidence/verify/predicates.ts'
import { statement } from '../evidence/verify/statements.ts'
import { sealedRelease } from '../support/sealed-release.ts'
import { ended, tool } from '../support/tools.ts'

const PYTHON = tool('python/bin/python')

/** For each text what the library read, or why it refused. A predicate that the library has a type for is read as that type; no unknown member passes. */
const READ = `
import json, sys
from google.protobuf.json_format import MessageToDict, Parse
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as Message
types = {'https://slsa.dev/provenance/v1': Provenance, 'https://in-toto.io/attestation/test-result/v0.1': TestResult}
def read(text):
    try:
        message = Parse(text, Message())
        Statement.copy_from_pb(message).validate()
        said = MessageToDict(message)
        kind = types.get(message.predicate_type)
        if kind is not None: said['predicate'] = MessageToDict(Parse(json.dumps(json.loads(text)['predicate']), kind()))
        return said
    except Exception as error:
        return f'{type(error).__name__}: {error}'
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
`

interface Read {
  readonly predicateType: string
  readonly subject: readonly { readonly name: string; readonly digest: Readonly<Record<string, string>> }[]
  readonly predicate: unknown
}

async function read(texts: readonly string[]): Promise<readonly (Read | string)[]> {
  const { code, out, err } = await ended(PYTHON ?? '', ['-c', READ], { input: JSON.stringify(texts) })
  if (code !== 0) throw new Error(err)
  return JSON.parse(out) as (Read | string)[]
}

const ARTIFACT = [{ name: 'shop.tgz', sha256: sha256('shop.tgz') }]
const ours = (text: string): unknown => readClaim(Buffer.from(text))
const provenance = (change: (of: typeof PROVENANCE) => unknown): string => {
  const predicate = structuredClone(PROVENANCE)
  change(predicate)
  return canonicalize({ ...artifactStatementOf('provenance', PROVENANCE, ARTIFACT), predicate })
}

describe.skipIf(PYTHON === null)('in-toto-attestation (skipped where it is absent)', () => {
  const texts = new Map<string, string>()

  beforeAll(async () => {
    for (const pack of (await sealedRelease()).packs.values())
      for (const [path, bytes] of readZip(pack)) {
        if (!path.endsWith('.sigstore.json')) continue
        const payload = payloadOf(bytes)
        if (payload instanceof EvidenceError) throw payload
        texts.set(path, Buffer.from(payload).toString())
      }
    const made = [
      artifactStatementOf('provenance', PROVENANCE, ARTIFACT),
      artifactStatementOf('test-result', TEST_RESULT, ARTIFACT),
      artifactStatementOf('sbom', SPDX, ARTIFACT, SPDX_TYPE),
      artifactStatementOf('sbom', CYCLONEDX, ARTIFACT, CYCLONEDX_TYPE),
      statement('waiver', WAIVER),
    ]
    for (const one of made) texts.set(one.predicateType, Buffer.from(statementBytes(one)).toString())
  })

  test('reads every statement of the packs of a release, and one of each kind about an artifact, as they were written', async () => {
    const answers = await read([...texts.values()])
    expect(answers.filter((answer) => typeof answer === 'string')).toEqual([])
    const written = [...texts.values()].map((text) => JSON.parse(text) as Read)
    const said = answers.map((answer) => answer as Read)
    expect(said.map(({ predicateType, subject }) => ({ predicateType, subject }))).toEqual(
      written.map(({ predicateType, subject }) => ({ predicateType, subject })),
    )
    const kinds = ['agent-response', 'self-test', 'rollout-event', 'verdict', 'approval', 'decision', 'checkpoint', 'waiver'] as const
    expect(said.map(({ predicateType }) => predicateType)).toEqual(
      expect.arrayContaining([...kinds, 'provenance', 'test-result', 'sbom'].map((kind) => predicateType(kind as (typeof kinds)[number]))),
    )
  })

  test('reads SLSA provenance as we do', async () => {
    const [answer] = await read([texts.get(predicateType('provenance')) ?? ''])
    expect(answer).toMatchObject({
      predicate: { buildDefinition: PROVENANCE.buildDefinition, runDetails: { builder: PROVENANCE.runDetails.builder } },
    })
    expect(ours(texts.get(predicateType('provenance')) ?? '')).toMatchObject({ kind: 'provenance', predicate: PROVENANCE })
  })

  const one = artifactStatementOf('provenance', PROVENANCE, ARTIFACT)
  test.each([
    ['another type', canonicalize({ ...one, _type: 'https://in-toto.io/Statement/v0.1' }), /Wrong statement type/],
    ['no subject', canonicalize({ ...one, subject: [] }), /At least one subject/],
    ['a subject without a digest', canonicalize({ ...one, subject: [{ name: 'shop.tgz' }] }), /At least one digest/],
    ['no predicate type', canonicalize({ ...one, predicateType: '' }), /Predicate type required/],
    ['no predicate', canonicalize({ ...one, predicate: {} }), /Predicate object required/],
    ['a predicate that is a list', canonicalize({ ...one, predicate: [] }), /ParseError/],
    ['a time that is none', provenance(({ runDetails }) => (runDetails.metadata.startedOn = 'yesterday')), /ParseError/],
    ['a builder that is a text', provenance(({ runDetails }) => Object.assign(runDetails, { builder: 'me' })), /ParseError/],
    ['parameters that are a list', provenance(({ buildDefinition }) => Object.assign(buildDefinition, { externalParameters: [] })), /ParseError/],
  ])('%s is refused by both', async (_name, text, said) => {
    const [answer] = await read([text])
    expect(answer).toMatch(said)
    expect(ours(text)).toBeInstanceOf(EvidenceError)
  })
})
