# Every job ends by itself.
package ci

deny contains msg if {
	some name, job in input.jobs
	not job.uses
	not job["timeout-minutes"]
	msg := sprintf("job %s has no timeout-minutes", [name])
}
