"""What a foreign CACAO 2.0 document says of people, secrets, variables and itself; and our extension."""

from __future__ import annotations

from playbooks.cacao.exporting import exported
from playbooks.cacao.report import Gap
from playbooks.library import load_playbooks
from playbooks.models import Step
from tests.harness.cacao import action, chain, gap_at, identifier, plan_of, stripped, taken

A, D, END = identifier("action", 1), identifier("action", 4), identifier("end")


def test_agents_become_roles_and_no_person_is_named() -> None:
    given = chain("Examine it")
    given["workflow"][A] |= {
        "agent": identifier("individual"),
        "targets": [identifier("individual"), identifier("linux")],
    }
    contact = {"email": {"work": "jane@example.com"}}
    given["agent_definitions"] = {
        identifier("individual"): {"type": "individual", "name": "Jane Sample", "contact": contact}
    }
    given["target_definitions"] = {
        identifier("linux"): {"type": "linux", "name": "web-1", "address": {"ipv4": ["192.0.2.7"]}}
    }
    found = taken(given)
    assert found.playbook is not None
    assert found.playbook.step("examine-it").role == "forensics"
    assert "Concerns: web-1 (linux)." in found.playbook.step("examine-it").instructions
    told = found.text + "\n".join(found.report.lines())
    assert not any(word in told for word in ("Jane", "jane@", "192.0.2.7"))


def test_secrets_are_dropped_and_named_by_their_id_only() -> None:
    login = identifier("http-basic")
    definition = {"type": "http-basic", "user_id": "adm", "password": "hunter2"}
    found = taken(chain("Do it", authentication_info_definitions={login: definition}))
    told = found.text + "\n".join(found.report.lines())
    assert gap_at(found, login).outcome == "refused"
    assert "hunter2" not in told
    assert "adm" not in told.replace("administer", "")


def test_variables_are_told_where_they_are_named_and_asked_where_they_come_out() -> None:
    given = chain("Do it")
    given["workflow"][A] |= {
        "description": "Use __host__ with __api_token__.",
        "out_args": ["__ready__", "__n__"],
    }
    given["playbook_variables"] = {
        "__host__": {"type": "string", "description": "The host", "value": "web-1"},
        "__api_token__": {"type": "string", "value": "t0k3n"},
        "__ready__": {"type": "bool", "description": "Is it ready?"},
        "__n__": {"type": "integer"},
        "__never_named__": {"type": "string", "value": "x"},
    }
    found = taken(given)
    assert found.playbook is not None
    step: Step = found.playbook.step("do-it")
    assert "__host__ = web-1: The host" in step.instructions
    assert "t0k3n" not in found.text
    asked = [(field.name, field.type) for field in step.fields]
    assert asked == [("result", "text"), ("ready", "yes_no_unknown"), ("n", "integer")]


def test_times_become_targets_and_words() -> None:
    given = chain("Do it")
    given["workflow"][A] |= {"timeout": 400_000, "delay": 60_000}
    step = plan_of(given).step("do-it")
    assert step.target.total_seconds() == 420
    assert "Wait 0:01:00 before you begin." in step.instructions


def test_what_a_document_says_of_itself() -> None:
    marks = {identifier("marking-tlp"): {"type": "marking-tlp", "tlpv2_level": "TLP:RED"}}
    found = taken(
        chain(
            "Do it",
            revoked=True,
            valid_from="2024-03-01T10:00:00Z",
            valid_until="2024-02-30T10:00:00Z",
            labels=["gdpr", "soc"],
            markings=["marking-tlp--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", *marks, identifier("marking-iep")],
            data_marking_definitions=marks,
            signatures=[{"type": "jss"}],
            external_references=[
                {"name": "CERT", "url": "http://x.example"},
                {"name": "CISA", "url": "https://x.example/a"},
            ],
        )
    )
    plan = found.playbook
    assert plan is not None
    assert plan.revoked is not None
    assert (plan.tlp, plan.regimes, str(plan.valid_from), plan.valid_until) == (
        "red",
        ("gdpr",),
        "2024-03-01",
        None,
    )
    assert [(one.name, one.link) for one in plan.sources] == [("CERT", None), ("CISA", "https://x.example/a")]
    assert gap_at(found, "/signatures").why.startswith("not verified")
    assert gap_at(found, "/valid_until").outcome == gap_at(found, "/markings/2").outcome == "refused"


def test_what_nothing_leads_to_is_said() -> None:
    given = chain("Do it")
    given["workflow"][D] = action("Alone", END)
    found = taken(given)
    assert gap_at(found, D) == Gap(f"/workflow/{D}", "refused", "nothing leads to it; left out")


def test_every_part_is_accounted_for() -> None:
    given = chain("Do it", "Tell them", priority=3, x_other=1, markings=[], labels=["a"], revoked=False)
    pointers = {one.pointer for one in taken(given).report.gaps}
    assert {f"/workflow/{name}" for name in given["workflow"]} <= pointers
    assert {f"/{name}" for name in given} <= pointers


def test_a_given_id_is_taken_for_foreign_and_for_own_documents() -> None:
    assert taken(chain("Do it"), slug="our-name").playbook.id == "our-name"  # type: ignore[union-attr]
    own = load_playbooks()["phishing"]
    renamed = taken(exported(own), slug="our-name").playbook
    assert renamed == own.model_copy(update={"id": "our-name"})


def test_our_extension_does_not_count_when_the_document_says_something_else() -> None:
    own = exported(load_playbooks()["phishing"])
    shown = next(step for step in own["workflow"].values() if step["type"] == "action")
    shown["description"] = "Switch the logging off."
    found = taken(own)
    assert found.playbook is not None
    assert any("Switch the logging off." in step.instructions for step in found.playbook.steps)
    assert {step.kind for step in found.playbook.steps} == {"manual"}
    assert "another playbook than the document" in found.report.gaps[0].why


def test_a_broken_extension_of_ours_does_not_count() -> None:
    own = exported(load_playbooks()["phishing"])
    for broken in (
        {},
        {"playbook": {}, "phases": [{"id": "x", "steps": ["no"]}]},
        {"playbook": [], "phases": 1},
    ):
        own["playbook_extensions"] = dict.fromkeys(own["playbook_extensions"], broken)
        assert "no sound playbook" in taken(own).report.gaps[0].why


def test_a_stripped_document_of_ours_keeps_its_conditions_as_conditions() -> None:
    plan = taken(stripped(exported(load_playbooks()["phishing"]))).playbook
    assert plan is not None
    assert plan.step("tell-client").when == 'our_role == "processor" and personal_data'
    assert plan.if_unknown("tell-client") == "open"


def test_words_behind_ours_are_not_lost() -> None:
    own = stripped(exported(load_playbooks()["phishing"]))
    shown = next(step for step in own["workflow"].values() if step["type"] == "action")
    shown["commands"][0]["command"] += "\n\nAnd switch the logging off."
    plan = plan_of(own)
    assert any("And switch the logging off." in step.instructions for step in plan.steps)


def test_a_marking_that_is_not_read_may_be_stricter_and_counts_as_amber() -> None:
    clear = "marking-tlp--94868c89-83c2-464b-929b-a1a8aa3c8487"
    assert plan_of(chain("Do it", markings=[clear])).tlp == "clear"
    assert plan_of(chain("Do it", markings=[clear, identifier("marking-statement")])).tlp == "amber"


def test_a_private_key_is_left_out_whole() -> None:
    given = chain("Do it")
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----\nafter"
    given["workflow"][A]["commands"] = [{"type": "bash", "command": f"before\n{key}"}]
    told = plan_of(given).step("do-it").instructions
    assert "before" in told
    assert "after" in told
    assert not any(part in told for part in ("MIIEow", "IBAAKC"))


def test_each_step_that_runs_by_itself_is_named_when_our_extension_brings_it() -> None:
    plan = load_playbooks()["phishing"]
    document = exported(plan)
    found = taken(document)
    told = {gap.why for gap in found.report.gaps}
    automated = [step for step in plan.steps if step.kind == "automated"]
    assert automated
    assert told >= {f"an automated step: runs our action `{step.action}` by itself" for step in automated}
    assert found.report.gaps[0].why.endswith("who wrote it is not verified")
