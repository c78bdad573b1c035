/** One config that shows every key. The source of the examples in error messages and in `config explain`; a test holds it against the schema. */
export const EXAMPLE = `version: 1
release:
  base: [main, "release-lines/*"]
  branch: release/v*
  candidates: rc
  accept_equal_tree: false
  version_files: [package.json, services/web/package.json]
  notes: { from: conventional-commits, sections: [feat, fix, perf, security], known_issues_label: known-issue }
  window:
    timezone: Europe/Berlin
    allow: ["Mon-Thu 08:00-16:00"]
    freeze: [{ from: 2026-12-18, to: 2027-01-04, reason: year end, except_labels: [hotfix] }]
  hotfix: { label: hotfix, gates: [policy_ci, hardening], debt: follow-up-issue }
people:
  on_call: ["@acme/sre"]
  cab: ["@acme/cab"]
  approvers:
    promote: { teams: ["@acme/release-approvers"], users: ["@octo-cat"], count: 1, not: [author, contributor], expires: 7d }
    waive: { teams: ["@acme/leads"], users: ["@octo-cat"], count: 2, not: [author, contributor], expires: 1d }
    break_glass: { teams: ["@acme/leads"], users: ["@octo-cat"], count: 2, not: [author, contributor], expires: 1d }
  step_up: { for: [break_glass, waive, "promote:100"], with: second_approver }
  waiver_budget: { per_quarter: 4, max_days: 14 }
trust:
  workflows:
    - ref: release-conductor/release-conductor/.github/workflows/conduct.yml
      digest: 0123456789abcdef0123456789abcdef01234567
  keys:
    - id: local
      public_key: |
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
        -----END PUBLIC KEY-----
conduct: { workflow: release-conductor.yml, hosts: ["prometheus.acme.example", "stage.acme.example"] }
environments:
  prod:
    deploy: { workflow: deploy.yml, inputs: { target: prod } }
    router: prod-proxy
    metrics: prod-metrics
    steps: [10, 50, 100]
    bake: { 10: 10m, 50: 20m, 100: 30m }
    deadline: { 10: 40m, 50: 60m, 100: 90m }
    guard: { errors: 0.01 }
    judge:
      false_alarm: 0.01
      miss: 0.05
      minimum_effect: { errors: 1.25x, latency: 1.10x }
      certify: { errors: 2x, latency: 1.25x }
      warm_up: 1m
    absence: { errors: indeterminate, latency: indeterminate }
    flags: [search-flag]
    schema: { file: db/schema.json }
    rollback: { forward_only: the old table cannot be kept, rehearsed_within: 30d }
    golden_paths: [{ url: shop-checkout, status: 200 }, { workflow: smoke.yml, inputs: { target: prod } }]
    hooks:
      pre: [{ webhook: change-desk, steps: [10] }, { workflow: freeze.yml, inputs: { target: prod } }]
      post: [{ workflow: smoke.yml, inputs: { target: prod } }, { webhook: change-desk, steps: [100] }]
slos: ["slo/*.yaml"]
golden_paths: slo/golden_paths.yaml
flags: { catalogue: flags.yaml, ga: [search], provider: flagd }
pilot_tenants: [t1, t2]
risks: release/risks.yaml
alerts: { catalogue: alerts/catalogue.yaml, rules: ["alerts/*.rules.yaml"] }
vendors: vendors.yaml
budgets:
  preview_day_usd: 3
  preview_ttl: 72h
  max_image_mb: { gateway: 180, "services/*": 200 }
  vulnerabilities: { new_critical: 0, new_high: 0, new_medium: 5 }
targets: { rto: 30m, rpo: 5m, headroom: 0.20, rollback: 5m, drill_max_age: 35d, ingest_lag: 60s }
identity: { oidc_issuer: stage-oidc, scim: stage-scim }
data:
  migrations: { layout: sql, path: db/migrations }
  tenant_column: tenant_id
  database: scratch-postgres
gates:
  hardening:
    images: [{ service: gateway, repository: ghcr.io/acme/gateway }]
    templates: [{ file: Dockerfile, template: templates/dockerfile/v*.txt, values: { service: gateway, port: 8080 } }]
  policy_ci:
    policies:
      folder: policy
      ask: [{ package: main, documents: [kubernetes] }, { package: docker, documents: [dockerfiles], files: ["ops/*.json"] }]
      bundle: { path: policy.tar.gz, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef }
  supply_chain: { max_age: 7d, no_artifacts: a library of documents }
  perf: { target: "https://stage.acme.example", rate: 50, peak: 400, replicas: { target: 1, production: 6 } }
  preview_budget: { environments: ["pr-*"], prices: [{ environment: "pr-*", hour: 0.08, asleep: 0.01 }], hosts: ["*.preview.acme.example"], teardown: preview-down.yml, sleep: preview-sleep.yml, exceptions: [{ rule: cost.over-budget, subject: pr-42, owner: "@acme/web", reason: shown to a customer, until: 2027-01-31 }] }
  slo:
    metrics: { kind: prometheus, url: "https://prometheus.acme.example" }
    budget_left: 0.1
    probes: { target: "https://stage.acme.example", openapi: api/openapi.yaml }
    logs: { files: ["logs/*.jsonl"], retention: 30d }
not_applicable:
  reindex_parity: { reason: no search index, by: "@acme/leads" }
agents:
  - { name: licence-board, phase: P3, command: [python3, tools/licence_board.py], topic: licence-board, feeds: [audit], capabilities: [jq], timeout: 2m }
  - { name: risk-desk, phase: P3, url: "https://risk.example.com/agent", topic: risk-desk, feeds: [audit], timeout: 2m }
observe:
  otlp: operator-otel
  log_level: info
  messages: { start: [release-room], breach: [release-room, on-call], ga: [release-room] }
  comment: single
models: { drafts: operator-model, enabled: false }
evidence: { retention: 400d, classes: { release: 400d, incident: 1000d }, sign: keyless, log: rekor-v2, store: [github-release] }
`
