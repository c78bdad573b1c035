/** The words of the config: teams, people, paths, patterns and names that stand for something in the operator's file. */
import { z } from 'zod'

const text = (max: number, pattern: RegExp, expected: string) => z.string().max(max).regex(pattern, expected)

/** `@acme/leads` */
export const Team = text(141, /^@[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}$/, 'a team such as "@acme/leads"')
/** `@octo-cat` or `octo-cat`; the value is the bare login. */
export const Login = text(40, /^@?[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/, 'a GitHub login such as "@octo-cat"').overwrite((login) =>
  login.replace(/^@/, ''),
)
/** A team or one person, as written, for messages. */
export const Audience = text(141, /^@[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\/[A-Za-z0-9._-]{1,100})?$/, 'a team or person such as "@acme/sre"')
/** Never an address: it names an entry of the operator's own file. */
export const OperatorName = text(64, /^[a-z][a-z0-9-]{0,63}$/, 'a name from the operator file, such as prod-haproxy')
/** Inside the repository, without `..`. */
export const RepositoryPath = text(300, /^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[A-Za-z0-9._/@-]+$/, 'a path inside the repository, such as db/migrations')
export const RepositoryGlob = text(
  300,
  /^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[A-Za-z0-9._/@*?{},-]+$/,
  'a path or pattern inside the repository, such as slo/*.yaml',
)
export const BranchPattern = text(200, /^(?![-/])(?!.*(?:\.\.|\/\/|@\{))[A-Za-z0-9._/*-]+$/, 'a branch or pattern such as main or release-lines/*')
/** A file in `.github/workflows`. */
export const WorkflowFile = text(100, /^[A-Za-z0-9._-]+\.ya?ml$/, 'a workflow file name such as deploy.yml')
export const Label = text(50, /^\S(?:.*\S)?$/, 'a label such as hotfix')
export const Why = text(500, /\S/, 'a reason in words')
/** A share of one: 0.01 is one percent. */
export const Share = z.number().min(0).max(1)
/** How many times as much: `1.25x`. */
export const Ratio = text(12, /^[1-9]\d{0,3}(?:\.\d{1,4})?x$/, 'a ratio such as 1.25x')
export const Day = z.iso.date('a date such as 2027-01-31')
