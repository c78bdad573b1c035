/** The published JSON Schemas (draft 2020-12) of every contract, made from the zod schemas; `test/generate.ts` writes them to `evidence/schema/`. */
import { z } from 'zod'
import { Config } from './config.ts'
import { Finding } from './finding.ts'
import { Handover } from './handover.ts'
import { Manifest } from './manifest.ts'
import { OwnAnswer } from './own-answer.ts'
import { AgentRequest } from './request.ts'
import { AgentResponse } from './response.ts'
import { SchemaFile } from './schema-range.ts'
import { ArtifactStatement } from './predicate/artifact.ts'
import { CheckpointPredicate } from './predicate/checkpoint.ts'
import { ProvenancePredicate } from './predicate/provenance.ts'
import { SbomPredicate } from './predicate/sbom.ts'
import { TestResultPredicate } from './predicate/test-result.ts'
import { WaiverPredicate } from './predicate/waiver.ts'
import {
  AgentResponsePredicate,
  ApprovalPredicate,
  DecisionPredicate,
  RolloutEventPredicate,
  SelfTestPredicate,
  Statement,
  VerdictPredicate,
} from './statement.ts'
import { Verdict } from './verdict.ts'

const PUBLISHED = {
  config: [Config, 'Config of Release Conductor: .github/release-conductor.yml'],
  finding: [Finding, 'Finding of an agent'],
  handover: [Handover, 'Handover from the job that runs agents to the job that signs'],
  manifest: [Manifest, 'Manifest of an evidence pack'],
  'predicate-agent-response': [AgentResponsePredicate, 'Predicate: what an agent saw'],
  'predicate-approval': [ApprovalPredicate, "Predicate: an approver's command, as it was executed"],
  'predicate-checkpoint': [CheckpointPredicate, "Predicate: a position of a release's ledger"],
  'predicate-decision': [DecisionPredicate, 'Predicate: go or no go'],
  'predicate-provenance': [ProvenancePredicate, 'Predicate of others, as it is read: SLSA provenance v1'],
  'predicate-rollout-event': [RolloutEventPredicate, 'Predicate: what a deploy job really runs'],
  'predicate-sbom': [SbomPredicate, 'Predicate of others, as it is read: SPDX 2.3 document or CycloneDX BOM'],
  'predicate-self-test': [SelfTestPredicate, 'Predicate: the receipt that a gate can fail'],
  'predicate-test-result': [TestResultPredicate, 'Predicate of others, as it is read: in-toto test result v0.1'],
  'predicate-verdict': [VerdictPredicate, "Predicate: a gate's verdict"],
  'predicate-waiver': [WaiverPredicate, 'Predicate: a gate that people let stand until a day'],
  'own-answer': [OwnAnswer, "Agent RPC v2, what an agent of an adopter's own answers"],
  request: [AgentRequest, 'Agent RPC v2, request'],
  response: [AgentResponse, 'Agent RPC v2, response'],
  'schema-range': [SchemaFile, 'Schema versions that the code of a commit can run'],
  statement: [Statement, 'In-toto statement v1 about a repository at a commit'],
  'statement-artifact': [ArtifactStatement, 'In-toto statement v1 about artifacts'],
  verdict: [Verdict, 'Verdict of a gate'],
} as const satisfies Record<string, readonly [z.ZodType, string]>

const BASE = 'https://release-conductor.github.io/schema'

/** File name -> schema, e.g. `config.json`. What a writer may send: keys with a default are optional. */
export function jsonSchemas(): ReadonlyMap<string, Record<string, unknown>> {
  return new Map(
    Object.entries(PUBLISHED).map(([name, [schema, title]]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
      return [`${name}.json`, { $schema, $id: `${BASE}/${name}/v1.json`, title, ...rest }]
    }),
  )
}
