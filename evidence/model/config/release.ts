/** `release`: which pull requests are releases, when they may ship, and what is said about them. */
import { z } from 'zod'
import { WaivableGate } from '../predicate/waiver.ts'
import { BranchPattern, Day, Label, RepositoryPath, Why } from './names.ts'

const DAYS = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const HOUR = '(?:[01]\\d|2[0-3]):[0-5]\\d'
const Opening = z
  .string()
  .regex(new RegExp(`^${DAYS}(?:-${DAYS})? ${HOUR}-(?:${HOUR}|24:00)$`), 'days and hours such as "Mon-Thu 08:00-16:00"')
  .describe('Days and hours in the time zone of the window.')

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const Freeze = z
  .strictObject({
    from: Day.describe('First day of the freeze.'),
    to: Day.describe('Last day of the freeze, included.'),
    reason: Why.describe('Shown to everybody whose promotion it holds.'),
    except_labels: z.array(Label).max(20).default([]).describe('Releases with one of these labels may ship all the same.'),
  })
  .refine((freeze) => freeze.from <= freeze.to, { path: ['to'], error: 'a day on or after `from`' })

const Window = z.strictObject({
  timezone: z
    .string()
    .max(60)
    .refine(isTimezone, 'an IANA time zone such as Europe/Berlin')
    .default('UTC')
    .describe('IANA time zone of `allow` and `freeze`.'),
  allow: z.array(Opening).max(20).default([]).describe('When promotions may start; empty: at any time.'),
  freeze: z.array(Freeze).max(50).default([]).describe('Days on which nothing is promoted.'),
})

const Notes = z.strictObject({
  from: z.enum(['conventional-commits']).default('conventional-commits').describe('Where the notes come from.'),
  sections: z
    .array(z.string().regex(/^[a-z]{2,20}$/, 'a commit type such as feat'))
    .max(20)
    .default(['feat', 'fix', 'perf', 'security'])
    .describe('Commit types that are told, in this order.'),
  known_issues_label: Label.default('known-issue').describe('Open issues with this label are listed as known.'),
})

const Hotfix = z.strictObject({
  label: Label.default('hotfix').describe('The label that makes a release a hotfix.'),
  gates: z
    .array(WaivableGate)
    .max(30)
    .default([])
    .describe('Gates a hotfix must hold whatever two people waive; its one waiver may cover the others. Empty: hotfixes have no such waiver.'),
  debt: z.enum(['follow-up-issue']).default('follow-up-issue').describe('How the gates that were waived are remembered.'),
})

export const ReleaseConfig = z.strictObject({
  base: z
    .array(BranchPattern)
    .min(1)
    .max(20)
    .describe('Branches that release pull requests may go to, each of them protected; the config of the default branch says it for all.'),
  branch: BranchPattern.default('release/v*').describe('Head branches that are release pull requests.'),
  candidates: z.enum(['rc']).default('rc').describe('How candidates are tagged: vX.Y.Z-rc.N on the head commit.'),
  accept_equal_tree: z.boolean().default(false).describe('true: a squash merge with the very same tree counts as the proven commit.'),
  version_files: z
    .array(RepositoryPath)
    .max(50)
    .default([])
    .describe('Files that say the version (JSON, TOML, YAML or plain text); empty: those at the root that are known to, such as package.json.'),
  notes: Notes.prefault({}).describe('The release notes.'),
  window: Window.prefault({}).describe('When promotions may start.'),
  hotfix: Hotfix.prefault({}).describe('Releases that cannot wait.'),
})
