import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exposition, observe } from '../src/metrics.mjs'

void test('counts answers by status and ends as OpenMetrics wants', () => {
  observe(200, 0.001)
  observe(200, 3)
  observe(500, 0.02)
  const text = exposition()
  assert.match(text, /http_requests_total\{version="v\d+\.\d+\.\d+",code="200"\} 2\n/)
  assert.match(text, /http_requests_total\{version="v\d+\.\d+\.\d+",code="500"\} 1\n/)
  assert.match(text, /_bucket\{version="[^"]+",le="\+Inf"\} 3\n/)
  assert.ok(text.endsWith('# EOF\n'))
})
