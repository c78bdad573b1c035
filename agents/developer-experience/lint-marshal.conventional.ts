/** A commit message or title -> its parts, as Conventional Commits 1.0.0 has them. https://www.conventionalcommits.org/en/v1.0.0/ */
import { CommitParser } from 'conventional-commits-parser'
import type { Commit } from 'conventional-commits-parser'

const PARSER = new CommitParser({
  headerPattern: /^(\w*)(?:\(([^()]*)\))?!?: (.*)$/,
  breakingHeaderPattern: /^(\w*)(?:\(([^()]*)\))?!: (.*)$/,
  headerCorrespondence: ['type', 'scope', 'subject'],
  noteKeywords: ['BREAKING CHANGE', 'BREAKING-CHANGE'],
})

/** The parsed message, with null for what its header does not say. @param raw must not be blank */
export function parseMessage(raw: string): Commit {
  const parsed = PARSER.parse(raw)
  return {
    ...parsed,
    raw,
    type: parsed['type'] ?? null,
    scope: parsed['scope'] ?? null,
    subject: parsed['subject'] ?? null,
  } as unknown as Commit
}
