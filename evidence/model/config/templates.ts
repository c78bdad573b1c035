/** `gates.hardening.templates`: which files of the repository came from a golden template. From which version, the file itself says. */
import { z } from 'zod'
import { RepositoryPath } from './names.ts'

/** `@@service@@`: Helm and GitHub Actions keep their own braces. */
const PlaceholderName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9_]*$/, 'the name of a placeholder, such as service')

const LINE = 'text of one line, or a number'
const Value = z.union(
  [
    z
      .string()
      .max(500)
      .regex(/^\P{Cc}*$/u, LINE),
    z.number(),
  ],
  { error: LINE },
)

export const TemplatedFiles = z
  .array(
    z.strictObject({
      file: RepositoryPath.describe('The file that came from the template.'),
      template: z
        .string()
        .max(300)
        .regex(
          /^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[A-Za-z0-9._/@-]*\*[A-Za-z0-9._/@-]*$/,
          'where the versions of the template lie, with one * for their number, such as templates/dockerfile/v*.txt',
        )
        .describe('Where its versions lie on the base branch; `*` stands for their number.'),
      values: z.record(PlaceholderName, Value).default({}).describe('What stands in place of `@@name@@` in the template.'),
    }),
  )
  .max(100)
  .refine((all) => new Set(all.map(({ file }) => file)).size === all.length, 'each file once')
  .default([])
