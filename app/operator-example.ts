/** An example of every key, for messages and for `operator.yml` of a first start. */
export const OPERATOR_EXAMPLE = `github: { api_url: https://api.github.com, app_id: 1234, private_key_file: app.pem }
listen: { host: 0.0.0.0, port: 3000 }
public_url: https://conductor.example
traces_url: 'https://grafana.example/explore?trace={trace_id}'
pages: by-address
login: { client_id: Iv23liEXAMPLE, key_cooldown: 24h }
data_dir: data
signing: { id: release-conductor, key_file: signing.pem }
sigstore:
  trusted_root_file: trusted_root.json
  rekor: { url: https://log2025-1.rekor.sigstore.dev, version: 2 }
  tsa: { url: https://timestamp.sigstore.dev }
routers:
  prod-proxy: { kind: weighted-proxy, admin: http://127.0.0.1:8081, repositories: [acme/shop] }
  web: { kind: nginx, file: /etc/nginx/release-conductor/shop.conf, variable: shop_release, status: http://127.0.0.1:8082/shop }
  mesh: { kind: gateway-api, namespace: shop, route: shop, canary: shop-canary, stable: shop-stable, force: never, kubeconfig: kube.yml }
  argo: { kind: argo-rollouts, namespace: shop, rollout: shop, kubeconfig: kube.yml }
  flags: { kind: flagd, file: /etc/flagd/shop.json, flag: shop-release, ofrep: [http://127.0.0.1:8016] }
  edge: { kind: haproxy, socket: /run/haproxy/admin.sock, backend: shop, canary: [c1], stable: [s1, s2] }
metrics:
  prod-metrics:
    kind: openmetrics
    canary: { url: http://127.0.0.1:9101/metrics }
    stable: { url: http://127.0.0.1:9102/metrics }
    requests: http_requests_total
    errors: { metric: http_requests_total, label: code, matches: "5.." }
    latency: { metric: http_request_duration_seconds }
  prod-prometheus:
    kind: prometheus
    url: http://127.0.0.1:9090
    interval: 15s
    canary:
      requests: sum(http_requests_total{track="canary"})
      errors: sum(http_requests_total{track="canary",code=~"5.."}) or vector(0)
      latency: sum by (le) (http_request_duration_seconds_bucket{track="canary"})
    stable:
      requests: sum(http_requests_total{track="stable"})
      errors: sum(http_requests_total{track="stable",code=~"5.."}) or vector(0)
      latency: sum by (le) (http_request_duration_seconds_bucket{track="stable"})
    headers: { X-Scope-OrgID: acme }
    token_env: PROMETHEUS_TOKEN
webhooks:
  change-desk: { url: https://desk.example.com/releases, secret_env: CHANGE_DESK_SECRET }
probes:
  shop-checkout: { url: https://shop.example.com/checkout/health }
artifacts_dir: artifacts
stores:
  archive: { kind: directory, path: archive }
retention:
  people:
    alice: { public_key_file: alice.pub }
sweep: 60s
look: 6s
evidence_deadline: 30m
`
