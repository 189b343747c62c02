"""What is written about surviving mutants fits the code, and what a run finds is compared with it."""

from collections import Counter

from .mutate import deal, whole
from .survivors import Mutant, Result, differences, explained, miscounted, misplaced, table

NEGATION = Mutant("decide/hold.rs", "delete ! in lookups", "!quarantine.holds(user) {")


def test_explained_survivors_are_in_the_code() -> None:
    assert misplaced(explained()) == []
    gone = Mutant("decide/hold.rs", "delete ! in lookups", "!quarantine.is_gone(user) {")
    elsewhere = Mutant("decide/gone.rs", NEGATION.change, NEGATION.at)
    assert len(misplaced(Counter([gone, NEGATION, elsewhere]))) == 2


def test_figures_fit_the_survivors_and_the_document() -> None:
    assert miscounted(explained()) == []
    assert miscounted(explained() + Counter([Mutant("decide/mod.rs", "delete ! in ask", "!")])) != []


def test_survivor_without_a_reason_fails_the_run() -> None:
    once, twice = Counter([NEGATION]), Counter([NEGATION, NEGATION])
    [told] = differences(once, once, Counter())
    assert "does not say why" in told
    [told] = differences(twice, twice, once)
    assert "does not say why" in told


def test_reason_without_a_survivor_fails_the_run() -> None:
    once = Counter([NEGATION])
    [told] = differences(Counter(), once, once)
    assert "does not survive" in told
    assert differences(Counter(), Counter(), once) == [], "the mutant was not tried"


def test_shards_have_each_file_once_and_much_the_same_work() -> None:
    sizes = Counter({f"{number}.rs": number for number in range(40)})
    shards = deal(list(sizes), sizes, 8)
    assert sorted(file for shard in shards for file in shard) == sorted(sizes)
    work = [sum(sizes[file] for file in shard) for shard in shards]
    assert max(work) - min(work) <= max(sizes.values()) // 4, work


def test_file_whose_run_was_stopped_has_no_figures() -> None:
    sizes = Counter({"tags/told.rs": 2, "tags/undone.rs": 1, "posture.rs": 1})
    place = "shared/core/src/tags"
    tried = {f"{place}/told.rs:1:1: delete ! in a": "CaughtMutant", f"{place}/undone.rs:1:1: b": "Unviable"}
    assert whole(list(sizes), tried, sizes) == ["tags/undone.rs"]
    tried[f"{place}/told.rs:2:1: delete ! in a"] = "MissedMutant"
    assert whole(list(sizes), tried, sizes) == ["tags/told.rs", "tags/undone.rs"]


def test_table_adds_up_the_files_of_a_folder() -> None:
    known = {"tags/told.rs": Result("tags/told.rs", 3, 1, 1, 0, 1, "2026-11-29")}
    known["tags/undone.rs"] = Result("tags/undone.rs", 1200, 1198, 0, 2, 0, "2026-11-30")
    assert "| `tags/` | 2 | 1,203 | 1 | 1,199 | 2 | 1 | 2026-11-29 to 2026-11-30 |" in table(known)
