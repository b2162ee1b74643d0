"""The sections of the report on the whole cohort: a question, the answer, and the figures behind it."""

from collections.abc import Iterator
from math import isnan

from onsite.grading.calibration import LEVELS
from onsite.report import advice, analysis, credit, drawing, per_group
from onsite.report.advice import interval, number, percent
from onsite.report.blocks import NOT_TOLD, UNDER, Figure, Folded, Section, Table
from onsite.report.cohort import Cohort
from onsite.report.drawing import distinct, short
from onsite.report.findings import Findings
from onsite.report.practices import ENOUGH, Practices
from onsite.report.privacy import EVERYBODY, SMALLEST, told
from onsite.report.statistics import Estimate
from onsite.report.summary import waiting

MOST_PRACTICES = 16
MOST_DECISIONS = 10
MOST_GROUPS = 8


def cohort_sections(findings: Findings) -> Iterator[Section]:
    """The sections on the whole cohort, those that there is something to say in."""
    cohort = findings.cohort
    for section in _all(findings, cohort):
        if section is not None:
            yield section


def _all(findings: Findings, cohort: Cohort) -> Iterator[Section | None]:
    yield _finished(findings)
    yield _scores(findings)
    yield _practices(findings)
    yield _splits(findings)
    yield _hardest(findings)
    yield _attempts(cohort)
    yield _gain(findings)
    yield _calibration(cohort)
    yield _times(cohort)


def _finished(findings: Findings) -> Section:
    cohort, table = findings.cohort, findings.completion
    titles = _titles(cohort)
    share = {titles[slug]: row["finished"] / row["people"] for slug, row in table.iterrows()}
    people = len(cohort.learners)
    rows = tuple(
        (titles[slug], str(row["people"]), str(row["started"]), str(row["finished"]), percent(share[titles[slug]]))
        for slug, row in table.iterrows()
    )
    blocks: list[Figure | Table | Folded] = [
        Figure(
            drawing.bars(
                "Share of people who finished each scenario. The numbers stand in the table below.",
                share,
                notes=[f"({row['finished']})" for _, row in table.iterrows()],
            ),
            f"Share of all {people} people who played each scenario to an ending.",
            Table("Who finished", ("Scenario", "People", "Began", "Finished", "Share"), rows),
        )
    ]
    if len(cohort.groups()) > 1:
        by_group = per_group.completion(cohort)
        blocks.append(
            Folded(
                "By group",
                (
                    Table(
                        "Share of each group that finished",
                        ("Scenario", *by_group.columns),
                        tuple((titles[slug], *(percent(v) for v in row)) for slug, row in by_group.iterrows()),
                    ),
                ),
            )
        )
    lead = []
    if findings.untouched:
        lead.append(f"Nobody has begun: {', '.join(findings.untouched)}. These are left out of this report.")
    lead.append(
        "Whoever has not handed in is a question for you, and no answer about them: was there time, and did the "
        "link work?"
    )
    if any(facts.older for facts in cohort.scenarios.values()):
        lead.append("Whoever answered an older version of a scenario stands under that version, not under today's.")
    return Section("finished", "Who has finished?", tuple(lead), tuple(blocks))


def _scores(findings: Findings) -> Section | None:
    cohort = findings.cohort
    scores = analysis.person_scores(cohort).to_numpy()
    if len(scores) < SMALLEST:
        return None
    titles = _titles(cohort)
    table = analysis.score_summary(cohort)
    bands = analysis.score_bands(scores)
    whole = Table(
        "People by mean score",
        ("Mean score", "People"),
        tuple((f"{percent(low)} to {percent(high)}", str(n)) for low, high, n in bands),
    )
    rows = tuple(
        (
            titles[str(slug)],
            str(int(row["n"])),
            percent(row["mean"]),
            f"{percent(row['low'])} to {percent(row['high'])}",
            *(percent(row[name]) for name in ("q1", "median", "q3")),
        )
        for slug, row in table.iterrows()
    )  # fmt: skip
    histogram = Figure(
        drawing.histogram(
            "How many people earned which share of the points, on average over the scenarios they finished.",
            bands,
            what="mean share of the points",
        ),
        "How many people earned which share of the points, over all the scenarios they finished.",
        whole,
    )
    blocks: list[Figure | Table | Folded] = [
        # One bar from none to all of the points would tell nothing.
        *([histogram] if len(bands) > 1 else []),
        Table(
            "Scores by scenario. The mean's interval holds the true mean in 95 of 100 such cohorts.",
            ("Scenario", "People", "Mean", "95% interval", "A quarter below", "Half below", "A quarter above"),
            rows,
        ),
    ]
    if len(cohort.groups()) > 1:
        found = per_group.scores(cohort)
        blocks.append(
            Folded(
                "By group",
                (
                    Table(
                        "Mean score by scenario and group. Compare groups with care: see the end of this page.",
                        ("Scenario", "Everybody", *found.groups.columns),
                        tuple(
                            (titles[slug], percent(found.overall[slug]), *(percent(value) for value in row))
                            for slug, row in found.groups.iterrows()
                        ),
                    ),
                ),
            )
        )
    lead = [
        "A score is the share of the points in the attempt that counts. Written answers count once somebody has read "
        "them."
    ]
    if findings.unread.texts:
        lead.append(
            f"{waiting(findings.unread)}. Until then a score here is the share of the other points. The gradebook's "
            "table (CSV) gives 0 for what waits, out of all the points, so scores are lower there until all is read."
        )
    return Section("scores", "How well did they do?", tuple(lead), tuple(blocks))


def _practices(findings: Findings) -> Section | None:
    cohort, found = findings.cohort, findings.practices
    if found.overall.empty:
        return None
    several = len(cohort.groups()) > 1
    table = found.groups if several else found.groups.iloc[:, :0]
    tiles = table.copy()
    tiles.insert(0, EVERYBODY, found.overall)
    # Where there are none that enough decisions speak for, all the same a picture.
    telling = tiles.loc[found.firm] if found.firm else tiles
    drawn = telling.head(MOST_PRACTICES).rename(index={line: one.label for line, one in found.lines.items()})[
        [EVERYBODY, *_largest(cohort, MOST_GROUPS)] if several else [EVERYBODY]
    ]
    lead = list(_weak_and_strong(found))
    if found.only_before:
        lead.append("This is from the test before the course: what they could do before it.")
    elif any(facts.test == "before" for facts in cohort.scenarios.values()):
        lead.append("The test before the course is left out: it tells what they could do then.")
    if several and found.groups.isna().any().any():
        lead.append(f"Empty tiles are about fewer than {SMALLEST} people, or would give such a tile away.")
    caption = ["Mean credit by practice, weakest first."]
    if len(telling) < len(tiles):
        caption.append(f"Only those that {ENOUGH} decisions or more speak for.")
    if len(telling) > len(drawn):
        caption.append(f"The weakest {len(drawn)} of {len(telling)}.")
    if len(tiles.columns) > len(drawn.columns):
        caption.append(f"The largest {MOST_GROUPS} of {len(tiles.columns) - 1} groups.")
    if len(caption) > 1:
        caption.append("All stand in the table.")
    rows = tuple(
        (
            found.lines[line].name,
            str(found.lines[line].decisions),
            str(found.lines[line].scenarios),
            str(found.people[line]),
            *(percent(value) for value in row),
        )
        for line, row in tiles.iterrows()
    )
    return Section(
        "practices",
        "What are they good at, and what do they need next?",
        tuple(lead),
        (
            Figure(
                drawing.heat_map("Mean credit by practice and group, weakest practice first.", drawn),
                " ".join(caption),
                Table(
                    "Mean credit by practice, and how many decisions in how many scenarios it rests on",
                    ("Practice", "Decisions", "Scenarios", "People", *tiles.columns),
                    rows,
                ),
            ),
        ),
    )


def _weak_and_strong(found: Practices) -> Iterator[str]:
    if not found.firm:
        yield f"No practice has {ENOUGH} decisions that speak for it, so none is called weak or strong."
        return
    weak, strong = found.firm[0], found.firm[-1]
    low, high = percent(found.overall[weak]), percent(found.overall[strong])
    if len(found.firm) > 1 and low == high:
        yield f"All came out alike, at {low} of the credit."
    elif len(found.firm) > 1:
        yield f"Weakest: {found.lines[weak].quoted}, {low} of the credit."
        yield f"Strongest: {found.lines[strong].quoted}, {high}."
    if len(found.firm) < len(found.lines):
        yield (
            f"Compared are practices that {ENOUGH} decisions or more speak for: a single one can be hard for a reason "
            "of its own."
        )


def _largest(cohort: Cohort, most: int) -> list[str]:
    """The groups with the most members, in alphabetical order."""
    return sorted(str(name) for name in cohort.learners["group"].value_counts().index[:most])


def _splits(findings: Findings) -> Section | None:
    cohort, table = findings.cohort, findings.splits.head(MOST_DECISIONS)
    if table.empty:
        return None
    names: list[str] = []
    rows = []
    for _, row in table.iterrows():
        facts = cohort.scenarios[row["scenario"]]
        item, place = facts.items[row["scene"]], facts.places[row["scene"]]
        first, second = item.options[row["first"]].text, item.options[row["second"]].text
        shares = row["shares"]
        names.append(f"{facts.asks(item)}\n{facts.title}")
        rows.append(
            (f"{facts.asks(item)} ({short(place, 60)}, {facts.title})", percent(row["disagreement"]),
             str(row["n"]), f"{percent(shares[0])}: {short(first, 90)}", f"{percent(shares[1])}: {short(second, 90)}")
        )  # fmt: skip
    return Section(
        "splits",
        "Which decisions split the room?",
        (
            "Two people drawn at random chose differently here more often than anywhere else. These are the "
            "decisions to "
            "talk about: people have real reasons on both sides.",
        ),
        (
            Figure(
                drawing.stacked(
                    "Shares of the options of each decision, the most chosen first, rare ones together at the end.",
                    dict(zip(distinct(names), table["shares"], strict=True)),
                ),
                "Each bar is everybody who came to the decision, cut into the options they chose, the largest first, "
                f"those of fewer than {SMALLEST} people together at the end.",
                Table(
                    "The decisions with the most disagreement",
                    ("Decision", "Chance that two differ", "People", "Chosen most", "Next"),
                    tuple(rows),
                ),
            ),
        ),
    )


def _hardest(findings: Findings) -> Section | None:
    cohort, table = findings.cohort, credit.hardest(findings.decisions).head(MOST_DECISIONS)
    if table.empty:
        return None
    names, rows = [], []
    for _, row in table.iterrows():
        facts = cohort.scenarios[row["scenario"]]
        title = facts.decisions[row["decision"]].title
        names.append(f"{title}\n{facts.title}")
        rows.append((f"{title} ({facts.title})", percent(row["credit"]), str(row["n"])))
    return Section(
        "hardest",
        "What was hardest?",
        (
            "Mean credit of those whose story came to the decision. Hard is not bad: it is where there is most "
            "to learn.",
        ),
        (
            Figure(
                drawing.bars(
                    "Mean credit of the hardest decisions.", dict(zip(distinct(names), table["credit"], strict=True))
                ),
                "The decisions with the lowest mean credit.",
                Table("The hardest decisions", ("Decision", "Mean credit", "People who came to it"), tuple(rows)),
            ),
        ),
    )


def _attempts(cohort: Cohort) -> Section | None:
    table = analysis.attempts(cohort)
    if table.empty:
        return None
    titles = _titles(cohort)
    rows = tuple(
        (titles[row["scenario"]], str(row["n"]), percent(row["first"]), percent(row["last"]),
         f"{number(100 * row['change'].value, 0)} points", interval(_times_100(row["change"]), 0))
        for _, row in table.iterrows()
    )  # fmt: skip
    return Section(
        "attempts",
        "Do they get better when they play again?",
        (
            "First against last attempt of those who finished a scenario at least twice. They had seen the coaching in "
            "between, so this shows that it was read, not yet that it will be used. Only volunteers play again.",
        ),
        (
            Figure(
                drawing.dumbbells(
                    "Mean score of the first and of the last attempt, per scenario.",
                    {titles[row["scenario"]]: (row["first"], row["last"]) for _, row in table.iterrows()},
                ),
                "Hollow: first attempt. Full: last attempt. Mean share of the points.",
                Table(
                    "First and last attempt",
                    ("Scenario", "People", "First", "Last", "Change", "95% interval"),
                    rows,
                ),
            ),
        ),
    )


def _times_100(estimate: Estimate) -> Estimate:
    return Estimate(estimate.value * 100, estimate.low * 100, estimate.high * 100, estimate.n)


def _gain(findings: Findings) -> Section | None:
    if findings.cohort.tests() is None:
        return None
    found = findings.gain
    if found is None:
        return Section(
            "gain",
            "Did the course change anything?",
            (f"Fewer than {SMALLEST} people have finished both tests so far.",),
        )
    value = found.gain
    lead = [advice.about_gain(found).text]
    if not isnan(value.value):
        lead.append(
            f"The normalised gain is {number(value.value)} (95% interval {interval(value)}, n = {value.n}): of what "
            "they still had to learn before, the share that they had learned after. Without a group that had no "
            "course in between, nobody can say that it was the course."
        )
    if found.only_before >= SMALLEST:
        lead.append(f"{found.only_before} took only the first test and are not in it.")
    if found.telling:
        lead.append("The two means are not shown: with those of all who took a test they would tell of a few people.")
    return Section("gain", "Did the course change anything?", tuple(lead), () if found.telling else (_gained(found),))


def _gained(found: analysis.Gain) -> Figure:
    n = str(found.gain.n)
    return Figure(
        drawing.dumbbells(
            f"Mean score before, {percent(found.before)}, and after, {percent(found.after)}.",
            {"Both tests": (found.before, found.after)},
        ),
        "Hollow: before. Full: after. Mean share of the points of those who took both tests.",
        Table(
            "Before and after",
            ("Test", "Mean score", "People"),
            (("Before", percent(found.before), n), ("After", percent(found.after), n)),
        ),
    )


def _calibration(cohort: Cohort) -> Section | None:
    table = analysis.calibration(cohort)
    if table.empty:
        return None
    rows = tuple(
        (
            LEVELS[str(level)],
            str(int(row["answers"])),
            str(int(row["people"])),
            percent(row["credit"]),
            percent(row["poor"]),
        )
        for level, row in table.iterrows()
    )
    lead = []
    if "high" in table.index:
        lead.append(
            f"Of the answers people were very sure of, {percent(table.loc['high', 'poor'])} earned less than half "
            "the credit."
        )
    if {"low", "high"} <= set(table.index):
        better = table.loc["high", "credit"] - table.loc["low", "credit"]
        lead.append(
            "Where they were very sure they also did better: their feeling is worth listening to."
            if better > 0.05
            else "Being sure did not go with being right. Talk about how one notices that one does not know."
        )
    return Section(
        "calibration",
        "Do they know what they know?",
        tuple(lead),
        (
            Figure(
                drawing.bars(
                    "Mean credit by how sure people said they were.",
                    {LEVELS[str(level)]: row["credit"] for level, row in table.iterrows()},
                ),
                "Mean credit of the answers given at each level. Confidence never changes a score.",
                Table(
                    "Confidence and credit",
                    ("How sure", "Answers", "People", "Mean credit", "Under half the credit"),
                    rows,
                ),
            ),
        ),
    )


def _times(cohort: Cohort) -> Section | None:
    table = analysis.times(cohort)
    if table.empty:
        return None
    titles = _titles(cohort)
    rows = tuple(
        (
            titles[str(slug)],
            str(int(row["planned"])),
            *(number(row[name], 0) for name in ("median", "q1", "q3")),
            *_with_and_without(int(row["n"]), int(row["left_out"])),
        )
        for slug, row in table.iterrows()
    )
    return Section(
        "times",
        "How long did it take?",
        (
            "Minutes between the first and the last click, breaks of more than half an hour left out. Plan "
            "working time by "
            "the upper end, not by the middle. Quick is not careless, and slow is not weak.",
        ),
        (
            Figure(
                drawing.ranges(
                    "Minutes per scenario: the middle half of people, and what was planned.",
                    {titles[str(s)]: (row["q1"], row["median"], row["q3"]) for s, row in table.iterrows()},
                    unit="minutes",
                    marks={titles[str(s)]: float(row["planned"]) for s, row in table.iterrows()},
                ),
                "Line: the middle half of people. Dot: half took longer. Diamond: the minutes that the scenario "
                "promises.",
                Table(
                    "Minutes",
                    ("Scenario", "Promised", "Half took up to", "A quarter up to", "Three quarters up to", "People",
                     "Times not believable"),
                    rows,
                ),
            ),
        ),
    )  # fmt: skip


def _with_and_without(believed: int, left_out: int) -> tuple[str, str]:
    """People with times that can be believed, and without: of a total that stands in another table."""
    found = told([believed, left_out], believed + left_out)
    hidden = UNDER if found.rounded else NOT_TOLD
    shown = [hidden if n is None else f"about {n}" if found.rounded else str(n) for n in found.parts]
    return shown[0], shown[1]


def _titles(cohort: Cohort) -> dict[str, str]:
    """Scenario titles by slug, no two alike."""
    titles = distinct(facts.title for facts in cohort.scenarios.values())
    return dict(zip(cohort.scenarios, titles, strict=True))
