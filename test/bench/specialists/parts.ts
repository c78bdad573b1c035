/** The list of comparisons, in the order of the page. */
import { dockerfiles } from './dockerfiles.ts'
import { manifests } from './manifests.ts'
import type { Part } from './part.ts'
import { conftest } from './policies.ts'
import { promtool } from './rules.ts'
import { gitleaks } from './secrets.ts'
import { syft } from './sboms.ts'
import { actionlint, zizmor } from './workflows.ts'

export const PARTS: readonly Part[] = [zizmor, actionlint, dockerfiles, manifests, conftest, gitleaks, syft, promtool]
