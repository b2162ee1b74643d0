"""Coverage counts what is there, and names what is missing."""

from onsite.pages.coverage import coverage


def test_points_are_met_on_pages_and_in_graded_items(page, tiny_scenario):
    found = coverage([page()], {"locked-door": tiny_scenario})
    assert found.pages["P21"] == found.pages["T06"] == ("Let them finish",)
    assert found.items["P06"] == (
        ("locked-door", "corridor"), ("locked-door", "stairs"), ("locked-door", "desk"), ("locked-door", "paper"),
    )  # fmt: skip
    assert found.items["P01"] == (("locked-door", "corridor"),)
    assert "P21" not in found.items, "practice on a page is not graded"


def test_each_gap_is_named(page, tiny_scenario):
    found = coverage([page()], {"locked-door": tiny_scenario})
    assert list(found.gaps(["P06", "P21", "P01"], ["T06"], {"T06"})) == [
        "P06 is on no page.",
        "P21 is cited in 0 graded items; 2 are wanted.",
        "P01 is on no page.",
        "P01 is cited in 1 graded items; 2 are wanted.",
        "T06 is in no decision.",
    ]
    assert list(found.gaps([], ["T01"], set())) == ["T01 is not in the chapter on tensions.", "T01 is in no decision."]
