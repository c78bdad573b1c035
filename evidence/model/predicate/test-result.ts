/** In-toto test result v0.1: a summary and the names behind it, which must not contradict it. https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md */
import { z } from 'zod'
import { ResourceDescriptor } from './artifact.ts'

const Names = z.array(z.string().min(1).max(1000)).max(100_000)

export const TestResultPredicate = z
  .looseObject({
    result: z.enum(['PASSED', 'WARNED', 'FAILED']),
    configuration: z.array(ResourceDescriptor).min(1).max(1000),
    url: z.string().max(2000).optional(),
    passedTests: Names.optional(),
    warnedTests: Names.optional(),
    failedTests: Names.optional(),
  })
  .superRefine((of, context) => {
    const [passed, warned, failed] = [of.passedTests ?? [], of.warnedTests ?? [], of.failedTests ?? []]
    const contradicts = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message })
    if (of.result !== 'FAILED' && failed.length > 0) contradicts('result', `FAILED, because ${failed.length} tests failed`)
    if (of.result === 'PASSED' && warned.length > 0) contradicts('result', `WARNED, because ${warned.length} tests warned`)
    const all = [...passed, ...warned, ...failed]
    if (new Set(all).size < all.length) contradicts('passedTests', 'each test once, in one of the lists')
  })
export type TestResultPredicate = z.infer<typeof TestResultPredicate>
