/** Workflows of an adopter that call ours, pinned to one commit. */
export const OURS = 'a'.repeat(40)
export const NAME = 'release-conductor/release-conductor'
export const CALLER = `
run-name: release-conductor \${{ inputs.phase }} \${{ inputs.key }}
on:
  workflow_dispatch:
    inputs: { phase: { type: string }, pull: { type: string }, key: { type: string } }
permissions: {}
jobs:
  conduct:
    permissions: { contents: read, pull-requests: read, deployments: read, id-token: write }
    uses: ${NAME}/.github/workflows/conduct.yml@${OURS}
    with:
      phase: "\${{ inputs.phase }}"
      pull: "\${{ inputs.pull }}"
      key: "\${{ inputs.key }}"
      fulcio-url: "\${{ vars.SIGSTORE_URL }}"
      tsa-url: "\${{ vars.SIGSTORE_URL }}"
    secrets: { signing-key: "\${{ secrets.RELEASE_CONDUCTOR_SIGNING_KEY }}" }
`
export const APPLY = `
on:
  workflow_dispatch:
    inputs: { phase: { type: string }, pull: { type: string } }
permissions: {}
jobs:
  apply:
    permissions: { contents: write, pull-requests: write, deployments: write, actions: write }
    uses: ${NAME}/.github/workflows/apply.yml@${OURS}
    with: { phase: "\${{ inputs.phase }}", pull: "\${{ inputs.pull }}", agents: adr-arbiter, environment: release-changes }
`
export const PHASE = CALLER.replace('conduct.yml', 'phase.yml')
export const PARTED = CALLER.replace('pull: { type: string },', 'pull: { type: string }, parts: { type: string },').replace(
  '      key: "',
  '      parts: "${{ inputs.parts }}"\n      key: "',
)
export const TRAIN = `
on:
  workflow_dispatch:
    inputs: { pull: { type: string } }
permissions: {}
jobs:
  train:
    permissions: { contents: read, pull-requests: read, deployments: read, id-token: write }
    uses: ${NAME}/.github/workflows/release-train.yml@${OURS}
    with: { pull: "\${{ inputs.pull }}" }
    secrets: { signing-key: "\${{ secrets.RELEASE_CONDUCTOR_SIGNING_KEY }}" }
  deploy:
    needs: train
    if: needs.train.outputs.verdict == 'pass'
    runs-on: ubuntu-24.04
    steps: [{ run: "true" }]
  tell:
    needs: train
    if: always()
    runs-on: ubuntu-24.04
    steps:
      - run: echo "verdict=$VERDICT"
        env: { VERDICT: "\${{ needs.train.outputs.verdict }}" }
`
export const DEPLOY = `
on:
  workflow_dispatch:
    inputs: { step: { type: string }, sha: { type: string } }
permissions: {}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    outputs: { digests: "\${{ steps.deploy.outputs.digests }}" }
    steps:
      - id: deploy
        run: echo 'digests={"shop":"sha256:${'b'.repeat(64)}"}' >> "$GITHUB_OUTPUT"
  report:
    needs: deploy
    permissions: { id-token: write }
    uses: ${NAME}/.github/workflows/report.yml@${OURS}
    with: { version: v2.0.0, environment: prod, sha: "\${{ inputs.sha }}", step: "\${{ inputs.step }}", plan: ${'c'.repeat(32)}, digests: "\${{ needs.deploy.outputs.digests }}" }
    secrets: { signing-key: "\${{ secrets.RELEASE_CONDUCTOR_SIGNING_KEY }}" }
`
