/** The published JSON Schemas (draft 2020-12) of every contract, made from the zod schemas; `test/generate.ts` writes them to `evidence/schema/`. */
import { z } from 'zod'
import { Config } from './config.ts'
import { Finding } from './finding.ts'
import { Handover } from './handover.ts'
import { Manifest } from './manifest.ts'
import { AgentRequest } from './request.ts'
import { AgentResponse } from './response.ts'
import { Statement } from './statement.ts'
import { Verdict } from './verdict.ts'

const PUBLISHED = {
  config: [Config, 'Config of Release Conductor: .github/release-conductor.yml'],
  finding: [Finding, 'Finding of an agent'],
  handover: [Handover, 'Handover from the job that runs agents to the job that signs'],
  manifest: [Manifest, 'Manifest of an evidence pack'],
  request: [AgentRequest, 'Agent RPC v2, request'],
  response: [AgentResponse, 'Agent RPC v2, response'],
  statement: [Statement, 'In-toto statement v1'],
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
