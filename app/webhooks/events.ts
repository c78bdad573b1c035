/** The events the App listens to. app.yml subscribes to the same; a test compares this list with the files. */
import { checkRun } from './check_run.ts'
import { checkSuite } from './check_suite.ts'
import { deploymentProtectionRule } from './deployment_protection_rule.ts'
import { deploymentStatus } from './deployment_status.ts'
import type { WebhookEvent } from './event.ts'
import { installation } from './installation.ts'
import { installationRepositories } from './installation_repositories.ts'
import { issueComment } from './issue_comment.ts'
import { mergeGroup } from './merge_group.ts'
import { pullRequest } from './pull_request.ts'
import { push } from './push.ts'
import { workflowRun } from './workflow_run.ts'

export const events: readonly WebhookEvent[] = [
  checkRun,
  checkSuite,
  deploymentProtectionRule,
  deploymentStatus,
  installation,
  installationRepositories,
  issueComment,
  mergeGroup,
  pullRequest,
  push,
  workflowRun,
]
