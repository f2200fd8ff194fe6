#!/usr/bin/env python3
"""Drives a running service with PyLTI1p3, the library as its authors published it.

    python drive.py demo.json

Only the library's public calls are used, so what is sent is what any Python tool built on it sends: one token for
all scopes, JSON in plain ASCII, `Link` headers read in lower case. Exit status 1 at the first answer that is wrong.
"""

import json
import secrets
import sys
import time
import traceback
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import quote

from jwcrypto.jwk import JWK
from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.exception import LtiServiceException
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPES = [SCOPE + name for name in ("lineitem", "lineitem.readonly", "result.readonly", "score")]

# Every run makes its own tags and resource ids, so that runs against one service never meet.
RUN = f"{time.time_ns():x}-{secrets.token_hex(3)}"

passed = 0


class Wrong(Exception):
    """The service answered, and the answer is not what it should be."""


@contextmanager
def step(what):
    """One line of output. The first step that fails ends the run."""
    global passed
    try:
        yield
    except Exception as problem:
        print(f"FAIL  {what}\n      {type(problem).__name__}: {problem}")
        if not isinstance(problem, (Wrong, LtiServiceException)):
            traceback.print_exc(file=sys.stdout)
        print(f"{passed} passed, 1 failed")
        sys.exit(1)
    passed += 1
    print(f"ok  {what}", flush=True)


def check(condition, message):
    if not condition:
        raise Wrong(message)


def same(what, got, want):
    check(got == want, f"{what}: expected {want!r}, got {got!r}")


def instant(text):
    """A date as a point in time: a platform may write the same instant in another way."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def register(demo, audience=None):
    tool = demo["tool"]
    pem = Path(tool["private_key_pem_file"]).read_text(encoding="ascii")
    # The library sends a `kid` only when it also has the public key, of which it takes the thumbprint.
    public = JWK.from_pem(pem.encode()).export_to_pem().decode()
    registration = (
        Registration()
        .set_issuer(demo["issuer"])
        .set_client_id(tool["client_id"])
        .set_key_set_url(demo["jwks_url"])
        .set_auth_token_url(demo["token_url"])
        .set_tool_private_key(pem)
        .set_tool_public_key(public)
    )
    if audience:
        registration.set_auth_audience(audience)
    same("the key's thumbprint", registration.get_kid(), tool["kid"])
    return registration


def line_item(label, **members):
    item = LineItem().set_label(label).set_score_maximum(members.pop("score_maximum", 6))
    for name, value in members.items():
        getattr(item, f"set_{name}")(value)
    return item


def walk(ags, url):
    """All pages from `url` on, each as a list of line items."""
    pages, seen = [], set()
    while url:
        check(url not in seen, f"the next links lead back to {url}")
        seen.add(url)
        items, url = ags.get_lineitems_page(url)
        pages.append(items)
    return pages


def now():
    return datetime.now(timezone.utc)


def grade(user, given, maximum, comment=None, timestamp=None):
    score = Grade().set_user_id(user).set_timestamp(timestamp or now().isoformat())
    if given is None:  # the tool takes its score back
        return score.set_activity_progress("Initialized").set_grading_progress("NotReady")
    score.set_score_given(given).set_score_maximum(maximum)
    score.set_activity_progress("Completed").set_grading_progress("FullyGraded")
    return score.set_comment(comment) if comment is not None else score


def result_of(ags, item, user):
    """The one result of this user, or None."""
    rows = [row for row in ags.get_grades(item) if row.get("userId") == user]
    check(len(rows) <= 1, f"{len(rows)} results for the user {user}")
    return rows[0] if rows else None


def expect_result(ags, item, user, score, comment=None):
    row = result_of(ags, item, user)
    check(row is not None, f"no result for the user {user}")
    same("scoreOf", row.get("scoreOf"), item.get_id())
    check(str(row.get("id", "")).startswith(item.get_id() + "/results/"), f"id of the result: {row.get('id')!r}")
    # A zero that is left out, and a number in a string, are both lost grades for a tool.
    check(type(row.get("resultScore")) in (int, float), f"resultScore is not a number: {row!r}")
    same("resultScore", row["resultScore"], score)
    same("resultMaximum", row.get("resultMaximum"), item.get_score_maximum())
    # Every score replaces the comment of the one before, also by having none.
    same("comment", row.get("comment") or None, comment)


def drive(demo):
    lineitems_url = demo["lineitems_url"]
    first_user, second_user = demo["users"][:2]
    # What `message_launch.get_ags()` builds from the AGS claim of a launch.
    connector = ServiceConnector(register(demo))
    ags = AssignmentsGradesService(
        connector, {"scope": SCOPES, "lineitems": lineitems_url, "lineitem": demo["lineitem_url"]}
    )

    with step("gets one token for all four scopes, with the token URL as audience"):
        token = connector.get_access_token(SCOPES)
        check(isinstance(token, str) and len(token) >= 15, f"access token: {token!r}")

    with step("gets a token with the issuer as audience"):
        other = ServiceConnector(register(demo, audience=demo["issuer"])).get_access_token(SCOPES)
        check(other != token, "two assertions gave the same token")

    with step("reads the line item that the launch names"):
        launched = ags.get_lineitem()
        same("id", launched.get_id(), demo["lineitem_url"])
        same("resourceLinkId", launched.get_resource_link_id(), demo["resource_link_id"])

    with step("creates five line items with tags of their own"):
        family = f"Paging Übung {RUN}"
        made = [
            ags.find_or_create_lineitem(line_item(f"Page {n}", tag=f"Page {n} {RUN}", resource_id=family))
            for n in range(5)
        ]
        ids = sorted(item.get_id() for item in made)
        same("different ids", len(set(ids)), 5)

    with step("follows the next links, two line items at a time"):
        pages = walk(ags, f"{lineitems_url}?limit=2")
        check(len(pages) >= 3, f"{len(pages)} pages")
        check(all(1 <= len(page) <= 2 for page in pages), f"lengths of the pages: {[len(page) for page in pages]}")
        listed = [item["id"] for page in pages for item in page]
        same("ids listed twice", len(listed) - len(set(listed)), 0)
        same("ours, each once", sorted(each for each in listed if each in ids), ids)

    with step("keeps a mixed-case filter over all pages, and offers no empty page"):
        # The library lower-cases the next URL: a filter that is written out in it would find nothing any more.
        filtered = f"{lineitems_url}?resource_id={quote(family)}"
        pages = walk(ags, f"{filtered}&limit=2")
        check(all(1 <= len(page) <= 2 for page in pages), f"lengths of the pages: {[len(page) for page in pages]}")
        same("ids", sorted(item["id"] for page in pages for item in page), ids)
        full, following = ags.get_lineitems_page(f"{filtered}&limit=5")
        same("a page that holds all: entries and next", (len(full), following), (5, None))

    with step("lists everything without a limit"):
        listed = [item["id"] for item in ags.get_lineitems()]
        same("ours, each once", sorted(each for each in listed if each in ids), ids)

    with step("creates a line item and reads every member back"):
        # "u" and a combining diaeresis: a store that normalises text would return another string.
        tag, resource_id = f"Mixed Case Tag Gru\u0308n {RUN}", f"Aufgabe 7/b & Größe=100% #1 + {RUN}"
        wanted = line_item(
            "Übung 3: “Maß & Größe” <☃>",
            tag=tag,
            resource_id=resource_id,
            start_date_time="2026-09-01T08:00:00Z",
            end_date_time="2027-02-15T23:59:59+01:00",
        )
        created = ags.find_or_create_lineitem(wanted)
        check(created.get_id().startswith(lineitems_url + "/"), f"id: {created.get_id()}")
        for answer in (created, ags.get_lineitem(created.get_id())):
            got, want = json.loads(answer.get_value()), json.loads(wanted.get_value())
            same("id", got.pop("id"), created.get_id())
            for dates in (got, want):
                dates.update({name: instant(dates[name]) for name in ("startDateTime", "endDateTime") if name in dates})
            same("members", got, want)

    with step("creates a line item bound to the resource link"):
        bound = ags.find_or_create_lineitem(
            line_item("Bound", tag=f"Bound {RUN}", resource_link_id=demo["resource_link_id"])
        )
        for answer in (bound, ags.get_lineitem(bound.get_id())):
            same("resourceLinkId", answer.get_resource_link_id(), demo["resource_link_id"])
            same("resourceId, which was not sent", answer.get_resource_id(), None)

    with step("finds line items by tag, resource id, resource link and id"):
        for found in (
            ags.find_lineitem_by_tag(tag),
            ags.find_lineitem_by_resource_id(resource_id),
            ags.find_lineitem_by_id(created.get_id()),
        ):
            check(found is not None, "not found")
            same("id", found.get_id(), created.get_id())
        linked = ags.find_lineitem_by_resource_link_id(demo["resource_link_id"])
        check(linked is not None, "not found by its resource link")
        same("resourceLinkId", linked.get_resource_link_id(), demo["resource_link_id"])

    with step("find_or_create creates once and finds from then on"):
        for find_by in ("tag", "resource_id"):
            own = {find_by: f"Once by {find_by} {RUN}"}
            first, second = (ags.find_or_create_lineitem(line_item("Once", **own), find_by=find_by) for _ in range(2))
            same("id", second.get_id(), first.get_id())
            name = {"tag": "tag", "resource_id": "resourceId"}[find_by]
            same("items", sum(item.get(name) == own[find_by] for item in ags.get_lineitems()), 1)

    with step("has no results before the first score"):
        same("results", ags.get_grades(created), [])

    remark = "Sehr schön, Zoë! 5½ Punkte – 頑張って 🎉"
    for what, given, maximum, comment, expected in (
        ("0 of 6", 0, 6, None, 0),
        ("1 of 3 on a line item of 6", 1, 3, "a middle value", 2),
        ("7.5 of 6, extra credit", 7.5, 6, None, 7.5),
        ("5.5 of 6 with a comment in several scripts", 5.5, 6, remark, 5.5),
    ):
        with step(f"posts {what} and reads it back"):
            ags.put_grade(grade(first_user, given, maximum, comment), created)
            expect_result(ags, created, first_user, expected, comment)

    with step("is refused a score older than the last one, which stays"):
        try:
            ags.put_grade(grade(first_user, 1, 6, timestamp=(now() - timedelta(hours=1)).isoformat()), created)
            raise Wrong("the old score was accepted")
        except LtiServiceException as refused:
            same("status", refused.response.status_code, 409)
        expect_result(ags, created, first_user, 5.5, remark)

    with step("posts twice within one second for a second user, and the later arrival counts"):
        # The form of a timestamp that the library's own guide shows: whole seconds, no colon in the offset.
        stamp = now().strftime("%Y-%m-%dT%H:%M:%S+0000")
        for given in (2, 3):
            ags.put_grade(grade(second_user, given, 6, timestamp=stamp), created)
            expect_result(ags, created, second_user, given)

    with step("holds exactly one result for each user"):
        rows = ags.get_grades(created)
        same("users", sorted(row["userId"] for row in rows), sorted([first_user, second_user]))
        same("different ids", len({row["id"] for row in rows}), 2)
        expect_result(ags, created, first_user, 5.5, remark)

    with step("takes a score back"):
        ags.put_grade(grade(second_user, None, None), created)
        row = result_of(ags, created, second_user)
        check(row is None or row.get("resultScore") is None, f"still there: {row!r}")

    with step("posts to the line item of the launch without naming it"):
        ags.put_grade(grade(first_user, 1, 2))
        expect_result(ags, launched, first_user, launched.get_score_maximum() / 2)

    with step("uses the same token in a second context, which knows nothing of the first"):
        # A tool has one token for all its courses: the connector is the one of before, so no new token is asked for.
        second = demo["second_context"]
        elsewhere = AssignmentsGradesService(
            connector, {"scope": SCOPES, "lineitems": second["lineitems_url"], "lineitem": second["lineitem_url"]}
        )
        same("id", elsewhere.get_lineitem().get_id(), second["lineitem_url"])
        same("line items of the first context", [item for item in elsewhere.get_lineitems() if item["id"] in ids], [])
        elsewhere.put_grade(grade(first_user, 0, 1, remark))
        expect_result(elsewhere, elsewhere.get_lineitem(), first_user, 0, remark)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: drive.py demo.json")
    drive(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    print(f"{passed} passed, 0 failed")


if __name__ == "__main__":
    main()
