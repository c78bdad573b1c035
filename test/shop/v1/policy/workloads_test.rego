package main

deployment(labels, image) := {
	"kind": "Deployment",
	"metadata": {"name": "shop", "labels": labels},
	"spec": {"template": {"spec": {"containers": [{"name": "shop", "image": image}]}}},
}

test_healthy_is_let_through if count(deny) == 0 with input as deployment({"app": "shop"}, "ghcr.io/acme/shop@sha256:00")

test_tag_is_denied if {
	deny == {"shop: container shop runs shop:1, which is no digest"} with input as deployment({"app": "shop"}, "shop:1")
}

test_no_label_is_denied if {
	deny == {"Deployment shop has no label app"} with input as deployment({}, "ghcr.io/acme/shop@sha256:00")
}

test_open_service_is_told if {
	warn == {"shop opens the cluster as NodePort"} with input as {"kind": "Service", "metadata": {"name": "shop"}, "spec": {"type": "NodePort"}}
}
