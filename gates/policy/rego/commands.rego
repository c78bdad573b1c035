# METADATA
# title: Who may say which command
# description: |
#   One question: may this person say this command about this release, now? The input is gates/policy/input.ts, nothing else.
#   Every condition is written as what must be there, so that a fact that is absent refuses.
package release_conductor.commands

# Whose voice a command needs.
audience := {
	"approve": "approver",
	"break-glass": "breaker",
	"help": "anyone",
	"hold": "on-call",
	"plan": "anyone",
	"preview": "writer",
	"promote": "approver",
	"release": "writer",
	"rerun": "writer",
	"resume": "approver",
	"rollback": "on-call",
	"status": "anyone",
	"waive": "waiver",
}

# Four eyes. Going back and stopping are not among them: nobody is refused those for having taken part.
lets_through := {"approve", "break-glass", "promote", "resume", "waive"}

# Several voices may be asked for.
counted_commands := {"approve", "break-glass", "promote", "waive"}

# Nothing red is let through by one of these.
proven_commands := {"approve", "promote"}

# What the gate over gates must say for that. It is waived by break-glass only.
let_through := {"pass", "waived"}

# These let a gate stand without its proof; both name it.
waiving_commands := {"break-glass", "waive"}

# Whose list a command asks; every other one asks that of `promote`.
lists := {"break-glass": "break_glass", "waive": "waive"}

# What a waiver may stand for.
waivable := {"fail", "indeterminate"}

# First the reasons that a person cannot change by asking again.
precedence := [
	"command.via-app",
	"command.not-a-person",
	"command.edited",
	"command.no-write",
	"command.nobody-named",
	"command.not-named",
	"command.is-author",
	"command.is-contributor",
	"command.facts-unavailable",
	"command.too-old",
	"command.step-up-missing",
	"command.reason-missing",
	"command.gates-not-held",
	"command.hotfix-without-gates",
	"command.not-a-hotfix",
	"command.not-waivable",
	"command.waiver-too-long",
	"command.waivers-spent",
	"command.glass-not-needed",
]

weak_roles := {"", "none", "read", "triage"}

default decision := {
	"allow": false,
	"as": "nobody",
	"codes": ["command.undefined"],
	"counted": [],
	"need": 0,
}

decision := {
	"allow": count(refusals) == 0,
	"as": who,
	"codes": [code | some code in precedence; code in refusals],
	"counted": sort([id | some id in voices]),
	"need": need,
}

who := audience[input.command.name]

# What is handed to a function inside `not` must be there: OPA looks it up outside of the `not`, where absence is no answer.
actor := object.get(input, "actor", {})

group := input.people.approvers[object.get(lists, input.command.name, "promote")]

# ---------------------------------------------------------------- who it is

refusals contains "command.via-app" if not actor.via_app == false

refusals contains "command.not-a-person" if not is_person

refusals contains "command.edited" if not actor.edited == false

is_person if {
	actor.type == "User"
	is_number(actor.id)
	actor.id > 0
}

# ---------------------------------------------------------------- what GitHub lets them do

refusals contains "command.facts-unavailable" if {
	who != "anyone"
	not asked(actor)
}

refusals contains "command.no-write" if {
	who != "anyone"
	asked(actor)
	not writes(actor)
}

asked(person) if {
	is_string(person.permission)
	is_string(person.role_name)
}

# The permission is the floor; `maintain` and own roles count as write there, and a role that cannot write is believed.
writes(person) if {
	person.permission in {"admin", "write"}
	is_string(person.role_name)
	not person.role_name in weak_roles
}

# ---------------------------------------------------------------- whom the config names

restricted if who in {"approver", "breaker", "on-call", "waiver"}

approvers := array.concat(group.teams, group.users)

listed := approvers if who in {"approver", "breaker", "waiver"}

listed := array.concat(approvers, input.people.on_call) if who == "on-call"

teams contains name if {
	some name in listed
	contains(name, "/")
}

logins contains lower(trim_prefix(name, "@")) if {
	some name in listed
	not contains(name, "/")
}

has_names if count(listed) > 0

refusals contains "command.nobody-named" if {
	restricted
	not has_names
}

refusals contains "command.not-named" if {
	restricted
	has_names
	not named(actor)
	not unsure(actor)
}

refusals contains "command.facts-unavailable" if {
	restricted
	has_names
	not named(actor)
	unsure(actor)
}

named(person) if lower(person.login) in logins

named(person) if {
	some team in teams
	person.teams[team] == true
}

# A team that could not be asked about may be theirs.
unsure(person) if {
	some team in teams
	not knows(person, team)
}

knows(person, team) if is_boolean(person.teams[team])

# ---------------------------------------------------------------- four eyes

refusals contains "command.is-author" if {
	input.command.name in lets_through
	not is_other_author(actor)
}

is_other_author(person) if person.author == false

is_other_author(_) if {
	is_array(group.not)
	not "author" in group.not
}

refusals contains "command.is-contributor" if {
	input.command.name in lets_through
	actor.contributor == true
	not is_no_contributor(actor)
}

refusals contains "command.facts-unavailable" if {
	input.command.name in lets_through
	not is_part_known
	not is_no_contributor(actor)
}

is_part_known if is_boolean(actor.contributor)

is_no_contributor(person) if person.contributor == false

is_no_contributor(_) if contributors_may

contributors_may if {
	is_array(group.not)
	not "contributor" in group.not
}

# ---------------------------------------------------------------- time and state

refusals contains "command.too-old" if {
	input.command.name in lets_through
	not is_actor_fresh
}

is_actor_fresh if is_fresh(actor.said_at)

is_fresh(at) if {
	is_number(at)
	is_number(input.now)
	is_number(group.expires_ms)
	input.now - at < group.expires_ms
}

refusals contains "command.gates-not-held" if {
	input.command.name in proven_commands
	not is_let_through
}

is_let_through if input.gates.all_required_gates in let_through

# ---------------------------------------------------------------- waivers

refusals contains "command.not-waivable" if {
	input.command.name == "waive"
	not is_waivable
}

is_waivable if {
	not input.command.target in {"all_required_gates", "hotfix"}
	input.gates[input.command.target] in waivable
}

# One waiver for every gate that the config does not name for hotfixes: one of those must need it.
is_waivable if {
	of_hotfix
	some gate, outcome in input.gates
	gate != "all_required_gates"
	not gate in hotfix_gates
	outcome in waivable
}

of_hotfix if {
	input.command.name == "waive"
	input.command.target == "hotfix"
}

hotfix_gates contains gate if some gate in input.hotfix.gates

refusals contains "command.hotfix-without-gates" if {
	of_hotfix
	count(hotfix_gates) == 0
}

refusals contains "command.not-a-hotfix" if {
	of_hotfix
	not is_hotfix
}

is_hotfix if input.hotfix.is == true

refusals contains "command.waiver-too-long" if {
	input.command.name == "waive"
	not is_short
}

is_short if {
	is_number(input.command.days)
	is_number(input.waivers.max_days)
	input.command.days <= input.waivers.max_days
}

refusals contains "command.waivers-spent" if {
	input.command.name == "waive"
	not is_affordable
}

is_affordable if {
	is_number(input.waivers.granted)
	is_number(input.waivers.per_quarter)
	input.waivers.granted < input.waivers.per_quarter
}

# ---------------------------------------------------------------- break-glass

refusals contains "command.glass-not-needed" if {
	input.command.name == "break-glass"
	not is_red
}

is_red if input.gates.all_required_gates in waivable

# ---------------------------------------------------------------- step-up

refusals contains "command.step-up-missing" if {
	elevated
	not is_stepped_up(actor)
}

refusals contains "command.reason-missing" if {
	elevated
	not input.command.has_reason == true
}

# How old the signature of a key may be when it is used, in milliseconds.
step_up_ms := 300000

is_stepped_up(_) if input.people.step_up.with == "second_approver"

is_stepped_up(person) if {
	input.people.step_up.with == "webauthn"
	person.step_up.method == "webauthn"
	is_number(person.step_up.age_ms)
	person.step_up.age_ms >= 0
	person.step_up.age_ms <= step_up_ms
}

# Of an elevated command only the voice of a key counts, where keys are asked for.
is_voice_strong(_) if not elevated

is_voice_strong(voice) if is_stepped_up(voice)

has_step_up if is_array(input.people.step_up.for)

elevated if {
	input.command.name in counted_commands
	not has_step_up
}

elevated if {
	input.command.name in counted_commands
	input.command.name in input.people.step_up.for
}

# Whatever the config lists.
elevated if input.command.name == "break-glass"

elevated if {
	input.command.name == "promote"
	some what in input.people.step_up.for
	startswith(what, "promote:")
	not is_other_step(what)
}

is_other_step(what) if {
	is_number(input.command.step)
	what != concat(":", ["promote", format_int(input.command.step, 10)])
}

# ---------------------------------------------------------------- how many, and which voices count

need := 1 if not input.command.name in counted_commands

need := max([1, group.count, step_up_count]) + unowned_count if input.command.name in counted_commands

default step_up_count := 1

# A key takes the place of the second person, but not where the glass is broken.
step_up_count := 2 if {
	elevated
	not input.people.step_up.with == "webauthn"
}

step_up_count := 2 if input.command.name == "break-glass"

# A commit nobody owns may be anybody's, this approver's too: one more person is asked.
default unowned_count := 1

unowned_count := 0 if contributors_may

unowned_count := 0 if {
	not contributors_may
	input.release.unattributed == 0
}

voices contains actor.id

voices contains voice.id if {
	input.command.name in counted_commands
	some voice in input.voices
	counts(voice)
}

# What was said before counts while its author still may say it, for the very same thing, and nobody touched the comment.
counts(voice) if {
	voice.comment == "as-written"
	is_about_this(voice)
	is_fresh(voice.said_at)
	is_number(voice.id)
	writes(voice)
	named(voice)
	is_other_author(voice)
	is_no_contributor(voice)
	is_voice_strong(voice)
}

is_about_this(voice) if {
	not input.command.name in waiving_commands
	voice.waive == null
	voice.head == input.release.head
	voice.basis == input.release.basis
	is_of_plan(voice.plan)
}

# A waiver is of one gate on one commit for so many days; its evidence may move meanwhile.
is_about_this(voice) if {
	input.command.name in waiving_commands
	voice.waive.gate == input.command.target
	voice.waive.days == input.command.days
	voice.head == input.release.head
	is_of_gates(voice.waive)
}

is_of_gates(_) if not of_hotfix

# Both let the very same gates stand.
is_of_gates(waive) if waive.must_hold == input.hotfix.gates

# An approval is of the commit with its proof; a promote is of one plan.
is_of_plan(plan) if plan == null

is_of_plan(plan) if plan == input.command.plan
