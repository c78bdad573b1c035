package ci

test_job_without_end_is_denied if deny == {"job test has no timeout-minutes"} with input as {"jobs": {"test": {"runs-on": "ubuntu-24.04"}}}

test_called_workflow_is_let_through if count(deny) == 0 with input as {"jobs": {"prove": {"uses": "acme/ci/.github/workflows/prove.yml@main"}}}
