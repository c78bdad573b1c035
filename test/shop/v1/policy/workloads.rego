# What the platform asks of everything that runs. Asked as Conftest asks: deny stops a release, warn is told.
package main

workloads := {"DaemonSet", "Deployment", "StatefulSet"}

containers contains container if {
	input.kind in workloads
	some container in input.spec.template.spec.containers
}

deny contains msg if {
	some container in containers
	not contains(container.image, "@sha256:")
	msg := sprintf("%s: container %s runs %s, which is no digest", [input.metadata.name, container.name, container.image])
}

deny contains msg if {
	input.kind in workloads
	not input.metadata.labels.app
	msg := sprintf("%s %s has no label app", [input.kind, input.metadata.name])
}

warn contains msg if {
	input.kind == "Service"
	input.spec.type in {"LoadBalancer", "NodePort"}
	msg := sprintf("%s opens the cluster as %s", [input.metadata.name, input.spec.type])
}
