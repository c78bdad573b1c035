/** Rego as an adopter writes it, with each form of a rule and of an answer that Conftest knows: name in the folder -> text. */
export const REGO: Readonly<Record<string, string>> = {
  'main.rego': `package main

import data.words

pods := {"Deployment", "StatefulSet", "DaemonSet", "Job"}

containers contains container if {
	input.kind in pods
	some container in input.spec.template.spec.containers
}

deny contains msg if {
	some container in containers
	not contains(container.image, "@sha256:")
	msg := sprintf("%s %s runs %s", [input.kind, input.metadata.name, container.image])
}

deny_privileged contains msg if {
	some container in containers
	container.securityContext.privileged
	msg := sprintf("%v is %s", [container.name, words.privileged])
}

violation_network contains {"msg": msg, "severity": "high"} if {
	input.spec.template.spec.hostNetwork
	msg := concat(" ", [input.metadata.name, "is in the network of its node"])
}

deny_root contains msg if {
	input.kind in pods
	not input.spec.template.spec.securityContext.runAsNonRoot
	msg := sprintf("%s may run as root, as %s says", [input.metadata.name, data.conftest.file.name])
}

exception contains ["root"] if input.kind == "DaemonSet"

warn contains msg if {
	input.kind == "Deployment"
	input.spec.replicas < 2
	msg := sprintf("%s has %d replicas", [input.metadata.name, input.spec.replicas])
}

warn_rights contains msg if {
	input.kind == "ClusterRole"
	some index, rule in input.rules
	"*" in rule.verbs
	msg := sprintf("rule %d of %s gives every verb", [index, input.metadata.name])
}

deny_unpinned contains msg if {
	some name, job in input.jobs
	some step in job.steps
	not regex.match(\`^(\\./|.*@[0-9a-f]{40}$)\`, step.uses)
	msg := sprintf("the job %s uses %s", [name, step.uses])
}
`,
  'docker.rego': `package docker

deny contains msg if {
	some command in input
	command.Cmd == "from"
	not contains(command.Value[0], "@sha256:")
	msg := sprintf("stage %d is from %s", [command.Stage, command.Value[0]])
}

deny_add contains msg if {
	some command in input
	command.Cmd == "add"
	startswith(command.Value[0], "http")
	msg := sprintf("it adds %s", [concat(" ", command.Value)])
}

warn_user contains "it names no user" if {
	every command in input {
		command.Cmd != "user"
	}
}

warn_shell contains msg if {
	some command in input
	command.Cmd == "cmd"
	not command.JSON
	msg := sprintf("its command is for a shell: %s", [command.Value[0]])
}
`,
  'data.yaml': 'words: { privileged: privileged }\n',
}
