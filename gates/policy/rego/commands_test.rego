package release_conductor.commands_test

import data.release_conductor.commands

team := "@acme/approvers"

sre := "@acme/sre"

lead := {
	"login": "lead",
	"id": 9,
	"type": "User",
	"via_app": false,
	"edited": false,
	"permission": "write",
	"role_name": "maintain",
	"teams": {team: true, sre: false},
	"author": false,
	"contributor": false,
	"said_at": 1000,
}

other := {
	"login": "other",
	"id": 8,
	"permission": "admin",
	"role_name": "admin",
	"teams": {team: true, sre: false},
	"author": false,
	"contributor": false,
	"said_at": 900,
	"comment": "as-written",
	"head": "h",
	"basis": "b",
	"plan": null,
	"waive": null,
}

base := {
	"command": {"name": "promote", "step": 10, "plan": "p", "target": null, "days": null, "has_reason": false},
	"actor": lead,
	"release": {"head": "h", "basis": "b", "unattributed": 0},
	"gates": {"all_required_gates": "pass", "hardening": "pass", "slo": "fail", "perf": "indeterminate"},
	"waivers": {"granted": 3, "per_quarter": 4, "max_days": 14},
	"hotfix": {"is": true, "gates": ["hardening"]},
	"people": {
		"approvers": {
			"promote": {
				"teams": [team],
				"users": ["Boss"],
				"count": 1,
				"not": ["author", "contributor"],
				"expires_ms": 5000,
			},
			"waive": {
				"teams": [team],
				"users": [],
				"count": 2,
				"not": ["author", "contributor"],
				"expires_ms": 5000,
			},
			"break_glass": {
				"teams": [team],
				"users": [],
				"count": 2,
				"not": ["author", "contributor"],
				"expires_ms": 5000,
			},
		},
		"on_call": [sre, "@night"],
		"step_up": {"for": [], "with": "second_approver"},
	},
	"voices": [],
	"now": 2000,
}

# The decision after these patches of the healthy case.
ask(patches) := decision if {
	decision := commands.decision with input as json.patch(base, patches)
}

set(path, value) := {"op": "replace", "path": path, "value": value}

add(path, value) := {"op": "add", "path": path, "value": value}

say(name) := set("/command/name", name)

stranger := set("/actor/teams", {team: false, sre: false})

elevate(what) := set("/people/step_up/for", [what])

reason := set("/command/has_reason", true)

test_an_approver_may_everything if {
	every name in object.keys(commands.audience) - {"waive", "break-glass"} {
		ask([say(name)]).allow
	}
}

test_audiences if {
	ask([]).as == "approver"
	ask([say("rollback")]).as == "on-call"
	ask([say("rerun")]).as == "writer"
	ask([say("release")]).as == "writer"
	ask([say("preview")]).as == "writer"
	ask([say("help")]).as == "anyone"
}

test_an_unknown_command_is_refused if ask([say("launch")]) == {
	"allow": false,
	"as": "nobody",
	"codes": ["command.undefined"],
	"counted": [],
	"need": 0,
}

test_who_is_no_person if {
	ask([set("/actor/via_app", true)]).codes == ["command.via-app"]
	ask([set("/actor/type", "Bot"), say("help")]).codes == ["command.not-a-person"]
	ask([set("/actor/id", 0), say("help")]).codes == ["command.not-a-person"]
	ask([set("/actor/edited", true), say("status")]).codes == ["command.edited"]
}

test_permission_is_the_floor_and_the_role_is_believed if {
	ask([set("/actor/permission", "read"), set("/actor/role_name", "triage")]).codes == ["command.no-write"]
	ask([set("/actor/permission", "write"), set("/actor/role_name", "triage")]).codes == ["command.no-write"]
	ask([set("/actor/permission", "admin"), set("/actor/role_name", "admin")]).allow
	ask([set("/actor/permission", "write"), set("/actor/role_name", "release-manager")]).allow
	ask([set("/actor/permission", null)]).codes == ["command.facts-unavailable"]
	ask([set("/actor/role_name", null)]).codes == ["command.facts-unavailable"]
	ask([set("/actor/permission", "read"), say("plan")]).allow
}

test_named_by_team_or_login if {
	ask([stranger]).codes == ["command.not-named"]
	ask([stranger, set("/actor/login", "bOSS")]).allow
	ask([set("/actor/teams", {team: null})]).codes == ["command.facts-unavailable"]
	ask([set("/actor/teams", {})]).codes == ["command.facts-unavailable"]
	ask([stranger, say("rerun")]).allow
	ask([stranger, say("release")]).allow
}

test_on_call_goes_back_and_stops_and_nothing_else if {
	on_call := set("/actor/teams", {team: false, sre: true})
	ask([on_call, say("rollback")]).allow
	ask([on_call, say("hold")]).allow
	ask([stranger, set("/actor/login", "night"), say("hold")]).allow
	ask([on_call, say("promote")]).codes == ["command.not-named"]
	ask([on_call, say("resume")]).codes == ["command.not-named"]
}

test_a_preview_sleeps_and_wakes_by_who_may_write if {
	preview := [say("preview"), set("/command/target", "pr-3"), stranger]
	ask(preview).allow
	ask(preview).need == 1
	ask(array.concat(preview, [set("/actor/author", true), set("/actor/contributor", true)])).allow
	ask(array.concat(preview, [set("/gates/all_required_gates", "fail"), elevate("preview")])).allow
	ask(array.concat(preview, [set("/actor/role_name", "triage")])).codes == ["command.no-write"]
	ask(array.concat(preview, [set("/actor/permission", null)])).codes == ["command.facts-unavailable"]
	ask(array.concat(preview, [set("/actor/edited", true)])).codes == ["command.edited"]
	ask(array.concat(preview, [set("/actor/type", "Bot")])).codes == ["command.not-a-person"]
}

test_nobody_named_is_nobody if {
	nobody := [set("/people/approvers/promote/teams", []), set("/people/approvers/promote/users", [])]
	ask(nobody).codes == ["command.nobody-named"]
	ask(array.concat(nobody, [say("rollback"), set("/people/on_call", [])])).codes == ["command.nobody-named"]
}

test_four_eyes if {
	author := set("/actor/author", true)
	ask([author]).codes == ["command.is-author"]
	ask([author, say("approve")]).codes == ["command.is-author"]
	ask([author, say("rollback")]).allow
	part := set("/actor/contributor", true)
	ask([part]).codes == ["command.is-contributor"]
	ask([part, say("resume")]).codes == ["command.is-contributor"]
	ask([part, say("hold")]).allow
	ask([set("/actor/contributor", null)]).codes == ["command.facts-unavailable"]
	lax := set("/people/approvers/promote/not", [])
	ask([author, part, lax]).allow
	ask([set("/actor/contributor", null), lax]).allow
}

test_old_words_let_nothing_through if {
	ask([set("/now", 5999)]).allow
	ask([set("/now", 6000)]).codes == ["command.too-old"]
	ask([set("/now", 6000), say("rollback")]).allow
	ask([set("/now", 0)]).allow
}

test_red_gates_are_not_let_through if {
	ask([set("/gates", {"all_required_gates": "fail"})]).codes == ["command.gates-not-held"]
	ask([set("/gates", {}), say("approve")]).codes == ["command.gates-not-held"]
	ask([set("/gates", {}), say("rollback")]).allow
	ask([set("/gates", {}), say("resume")]).allow
}

test_a_broken_glass_lets_through if {
	ask([set("/gates", {"all_required_gates": "waived", "slo": "fail"})]).allow
	ask([set("/gates", {"all_required_gates": "waived"}), say("approve")]).allow
	ask([set("/gates", {"all_required_gates": "not_applicable"})]).codes == ["command.gates-not-held"]
}

test_step_up if {
	ask([elevate("promote:50")]).need == 1
	ask([elevate("promote:10")]).codes == ["command.reason-missing"]
	ask([elevate("promote:10"), reason]).need == 2
	ask([elevate("promote:10"), reason, set("/command/step", null)]).need == 2
	ask([elevate("promote"), reason]).need == 2
	ask([elevate("approve"), reason, say("approve")]).need == 2
	other_word := set("/people/step_up/with", "totp")
	ask([elevate("promote"), reason, other_word]).codes == ["command.step-up-missing"]
	ask([elevate("rollback"), other_word, say("rollback")]).allow
	ask([set("/people/step_up", {})]).codes == ["command.step-up-missing", "command.reason-missing"]
}

key := set("/people/step_up/with", "webauthn")

signed(age) := add("/actor/step_up", {"method": "webauthn", "age_ms": age})

test_a_key_steps_up if {
	ask([elevate("promote"), reason, key, signed(0)]) == {
		"allow": true,
		"as": "approver",
		"codes": [],
		"counted": [9],
		"need": 1,
	}
	ask([elevate("promote"), reason, key, signed(300000)]).allow
	ask([elevate("promote"), reason, key, signed(300001)]).codes == ["command.step-up-missing"]
	ask([elevate("promote"), reason, key, signed(-1)]).codes == ["command.step-up-missing"]
	ask([elevate("promote"), reason, key, signed("0")]).codes == ["command.step-up-missing"]
	ask([elevate("promote"), reason, key, add("/actor/step_up", null)]).codes == ["command.step-up-missing"]
	ask([elevate("promote"), reason, key, add("/actor/step_up", {"method": "totp", "age_ms": 0})]).codes == ["command.step-up-missing"]
	ask([elevate("promote"), reason, key]).codes == ["command.step-up-missing"]
	ask([elevate("promote"), key, signed(0)]).codes == ["command.reason-missing"]
	ask([elevate("promote:50"), key]).allow
	ask([elevate("rollback"), key, say("rollback")]).allow
}

test_a_key_is_no_second_approver if {
	ask([elevate("promote"), reason, signed(0)]).need == 2
}

test_elevated_voices_need_their_key if {
	two := set("/people/approvers/promote/count", 2)
	weak := set("/voices", [other])
	strong := set("/voices", [object.union(other, {"step_up": {"method": "webauthn", "age_ms": 1}})])
	ask([elevate("promote"), reason, key, signed(0), two, weak]).counted == [9]
	ask([elevate("promote"), reason, key, signed(0), two, strong]).counted == [8, 9]
	ask([elevate("approve"), key, two, weak]).counted == [8, 9]
}

test_how_many if {
	ask([]).need == 1
	two := set("/people/approvers/promote/count", 2)
	ask([two]).need == 2
	unowned := set("/release/unattributed", 3)
	ask([unowned]).need == 2
	ask([two, unowned]).need == 3
	ask([set("/release/unattributed", null)]).need == 2
	ask([unowned, set("/people/approvers/promote/not", ["author"])]).need == 1
	ask([two, say("resume")]).need == 1
}

test_a_missing_quorum_is_no_decision if {
	ask([{"op": "remove", "path": "/people/approvers/promote/count"}]).codes == ["command.undefined"]
}

heard(patches) := ask([set("/voices", [json.patch(other, patches)])]).counted

test_earlier_voices_count if {
	heard([]) == [8, 9]
	heard([set("/plan", "p")]) == [8, 9]
	heard([set("/id", 9)]) == [9]
	ask([set("/voices", [other]), say("approve")]).counted == [8, 9]
	ask([set("/voices", [other]), say("resume")]).counted == [9]
}

test_earlier_voices_fall if {
	heard([set("/head", "g")]) == [9]
	heard([set("/basis", "c")]) == [9]
	heard([set("/plan", "q")]) == [9]
	heard([set("/comment", "edited")]) == [9]
	heard([set("/comment", "gone")]) == [9]
	heard([set("/said_at", -3000)]) == [9]
	heard([set("/permission", "read")]) == [9]
	heard([set("/role_name", "read")]) == [9]
	heard([set("/permission", null)]) == [9]
	heard([set("/teams", {team: false})]) == [9]
	heard([set("/teams", {})]) == [9]
	heard([set("/author", true)]) == [9]
	heard([set("/contributor", true)]) == [9]
	heard([set("/contributor", null)]) == [9]
	heard([set("/id", "8")]) == [9]
}

waive(patches) := ask(array.concat(
	[set("/command", {
		"name": "waive",
		"step": null,
		"plan": null,
		"target": "slo",
		"days": 3,
		"has_reason": true,
	})],
	patches,
))

test_a_waiver_takes_two_people_whatever_is_red if {
	waive([]).allow
	waive([]).need == 2
	waive([]).as == "waiver"
	waive([set("/gates/all_required_gates", "fail")]).allow
	waive([set("/command/target", "perf")]).allow
	waive([set("/people/approvers/waive/teams", [])]).codes == ["command.nobody-named"]
	waive([set("/actor/author", true)]).codes == ["command.is-author"]
	waive([set("/people/step_up/with", "webauthn"), elevate("waive")]).codes == ["command.step-up-missing"]
	waive([set("/command/has_reason", false), elevate("waive")]).codes == ["command.reason-missing"]
}

test_what_holds_is_not_waived if {
	waive([set("/command/target", "hardening")]).codes == ["command.not-waivable"]
	waive([set("/command/target", "unknown")]).codes == ["command.not-waivable"]
	waive([
		set("/command/target", "all_required_gates"),
		set("/gates/all_required_gates", "fail"),
	]).codes == ["command.not-waivable"]
}

test_waivers_are_short_and_few if {
	waive([set("/command/days", 14)]).allow
	waive([set("/command/days", 15)]).codes == ["command.waiver-too-long"]
	waive([set("/command/days", null)]).codes == ["command.waiver-too-long"]
	waive([set("/waivers/granted", 4)]).codes == ["command.waivers-spent"]
	waive([set("/waivers", {})]).codes == ["command.waiver-too-long", "command.waivers-spent"]
}

seconded(patches) := waive([set("/voices", [json.patch(other, array.concat([set("/waive", {"gate": "slo", "days": 3})], patches))])]).counted

test_the_second_person_says_the_same if {
	seconded([]) == [8, 9]
	seconded([set("/basis", "moved")]) == [8, 9]
	seconded([set("/head", "moved")]) == [9]
	seconded([set("/waive", {"gate": "slo", "days": 4})]) == [9]
	seconded([set("/waive", {"gate": "perf", "days": 3})]) == [9]
	seconded([set("/waive", null)]) == [9]
	heard([set("/waive", {"gate": "slo", "days": 3})]) == [9]
}

hotfix(patches) := waive(array.concat([set("/command/target", "hotfix")], patches))

test_a_hotfix_is_waived_by_whom_a_gate_is if {
	hotfix([]).allow
	hotfix([]).need == 2
	hotfix([]).as == "waiver"
	hotfix([set("/gates/all_required_gates", "fail")]).allow
	hotfix([stranger]).codes == ["command.not-named"]
	hotfix([set("/actor/author", true)]).codes == ["command.is-author"]
	hotfix([set("/actor/contributor", true)]).codes == ["command.is-contributor"]
	hotfix([set("/actor/permission", "read")]).codes == ["command.no-write"]
	hotfix([set("/command/days", 15)]).codes == ["command.waiver-too-long"]
	hotfix([set("/waivers/granted", 4)]).codes == ["command.waivers-spent"]
	hotfix([set("/now", 6000)]).codes == ["command.too-old"]
	hotfix([key, elevate("waive")]).codes == ["command.step-up-missing"]
}

test_a_hotfix_without_named_gates_is_not_waived if {
	hotfix([set("/hotfix/gates", [])]).codes == ["command.hotfix-without-gates"]
	hotfix([{"op": "remove", "path": "/hotfix/gates"}]).codes == ["command.hotfix-without-gates"]
	hotfix([{"op": "remove", "path": "/hotfix"}]).codes == ["command.hotfix-without-gates", "command.not-a-hotfix"]
	waive([{"op": "remove", "path": "/hotfix"}]).allow
}

test_what_is_no_hotfix_is_not_waived_as_one if {
	hotfix([set("/hotfix/is", false)]).codes == ["command.not-a-hotfix"]
	hotfix([set("/hotfix/is", "true")]).codes == ["command.not-a-hotfix"]
	waive([set("/hotfix/is", false)]).allow
}

test_a_hotfix_is_waived_only_for_gates_that_need_it if {
	hotfix([set("/hotfix/gates", ["slo"])]).allow
	hotfix([set("/hotfix/gates", ["perf", "slo"])]).codes == ["command.not-waivable"]
	hotfix([set("/gates", {"hardening": "fail", "slo": "pass"})]).codes == ["command.not-waivable"]
	hotfix([set("/gates", {"all_required_gates": "fail", "slo": "waived"})]).codes == ["command.not-waivable"]
	hotfix([set("/gates", {})]).codes == ["command.not-waivable"]
}

agreed(patches) := hotfix([set("/voices", [json.patch(
	other,
	array.concat([set("/waive", {"gate": "hotfix", "days": 3, "must_hold": ["hardening"]})], patches),
)])]).counted

test_the_second_person_lets_the_same_gates_stand if {
	agreed([]) == [8, 9]
	agreed([set("/basis", "moved")]) == [8, 9]
	agreed([set("/head", "moved")]) == [9]
	agreed([set("/waive", {"gate": "hotfix", "days": 4, "must_hold": ["hardening"]})]) == [9]
	agreed([set("/waive", {"gate": "hotfix", "days": 3, "must_hold": ["hardening", "slo"]})]) == [9]
	agreed([set("/waive", {"gate": "hotfix", "days": 3})]) == [9]
	agreed([set("/waive", {"gate": "slo", "days": 3})]) == [9]
	seconded([set("/waive", {"gate": "hotfix", "days": 3, "must_hold": ["hardening"]})]) == [9]
}

break_glass(patches) := ask(array.concat(
	[
		set("/command", {
			"name": "break-glass",
			"step": null,
			"plan": null,
			"target": "all_required_gates",
			"days": null,
			"has_reason": true,
		}),
		set("/gates/all_required_gates", "fail"),
	],
	patches,
))

test_breaking_the_glass_takes_two_people_whatever_the_config_lists if {
	break_glass([]).allow
	break_glass([]).need == 2
	break_glass([]).as == "breaker"
	break_glass([set("/gates/all_required_gates", "indeterminate")]).allow
	break_glass([set("/people/approvers/break_glass/count", 3)]).need == 3
	break_glass([set("/people/approvers/break_glass/count", 1)]).need == 2
	break_glass([set("/release/unattributed", 1)]).need == 3
	break_glass([set("/command/has_reason", false)]).codes == ["command.reason-missing"]
	break_glass([key]).codes == ["command.step-up-missing"]
	break_glass([key, signed(0)]).need == 2
	break_glass([key, signed(0), set("/people/approvers/break_glass/count", 1)]).need == 2
	break_glass([set("/waivers/granted", 4)]).allow
}

test_who_may_break_the_glass if {
	break_glass([set("/people/approvers/break_glass/teams", [])]).codes == ["command.nobody-named"]
	break_glass([set("/people/approvers/promote/teams", [])]).allow
	break_glass([stranger]).codes == ["command.not-named"]
	break_glass([set("/actor/author", true)]).codes == ["command.is-author"]
	break_glass([set("/actor/contributor", true)]).codes == ["command.is-contributor"]
	break_glass([set("/actor/contributor", true), set("/people/approvers/break_glass/not", [])]).allow
	break_glass([set("/now", 6000)]).codes == ["command.too-old"]
	break_glass([set("/actor/permission", "read")]).codes == ["command.no-write"]
}

test_whole_glass_is_not_broken if {
	break_glass([set("/gates/all_required_gates", "pass")]).codes == ["command.glass-not-needed"]
	break_glass([set("/gates/all_required_gates", "waived")]).codes == ["command.glass-not-needed"]
	break_glass([set("/gates", {})]).codes == ["command.glass-not-needed"]
}

helped(patches) := break_glass([set("/voices", [json.patch(
	other,
	array.concat([set("/waive", {"gate": "all_required_gates", "days": null})], patches),
)])]).counted

test_the_second_breaker_says_so_too if {
	helped([]) == [8, 9]
	helped([set("/basis", "moved")]) == [8, 9]
	helped([set("/head", "moved")]) == [9]
	helped([set("/waive", {"gate": "slo", "days": 3})]) == [9]
	helped([set("/waive", null)]) == [9]
	helped([set("/said_at", -3000)]) == [9]
	helped([set("/comment", "edited")]) == [9]
	helped([set("/teams", {team: false})]) == [9]
	helped([set("/contributor", true)]) == [9]
	heard([set("/waive", {"gate": "all_required_gates", "days": null})]) == [9]
	seconded([set("/waive", {"gate": "all_required_gates", "days": null})]) == [9]
}
