"""Switches are where the mutants are, and compile."""

from pathlib import Path

from .switches import Change, Message, blame, put_in
from .trials import portions


def change(genre: str, source: str, what: str, replacement: str) -> Change:
    """A mutant that replaces what is there once."""
    assert source.count(what) == 1
    before = source[: source.index(what)]

    def place(text: str) -> tuple[int, int]:
        return text.count("\n") + 1, len(text) - text.rfind("\n")

    return Change(f"{genre} {what}", "a.rs", genre, place(before), place(before + what), replacement)


def switched(source: str, *changes: tuple[str, str, str]) -> str:
    """The source with switches, each space or line feed one space."""
    numbered = {number: change(genre, source, *parts) for number, (genre, *parts) in enumerate(changes)}
    found = put_in(source, numbered)
    assert not found.unswitchable
    for branch in found.branches:
        [number] = branch.numbers
        assert numbered[number].replacement in found.text[branch.start : branch.end].decode()
    return " ".join(found.text.decode().replace("crate::switch::", "").split())


def unswitchable(source: str, *parts: str) -> list[int]:
    genre, *rest = parts
    return put_in(source, {7: change(genre, source, *rest)}).unswitchable


def test_operator() -> None:
    assert (
        switched("fn f() { let due = a <= b; }", ("BinaryOperator", "<=", ">"))
        == "fn f() { let due = (if on(0) { a > b } else { a <= b }); }"
    )
    assert switched("fn f() { n += 1; }", ("BinaryOperator", "+=", "-=")) == (
        "fn f() { (if on(0) { n -= 1 } else { n += 1 }); }"
    )
    assert (
        switched("fn f() { g(!a) }", ("UnaryOperator", "!", ""))
        == "fn f() { g((if on(0) { a } else { !a })) }"
    )


def test_operators_inside_one_another() -> None:
    source = "fn f() -> bool { g(a == b) && !c }"
    assert switched(source, ("BinaryOperator", "&&", "||"), ("BinaryOperator", "==", "!=")) == (
        "fn f() -> bool { (if on(0) { g(a == b) || !c }"
        " else { g((if on(1) { a != b } else { a == b })) && !c }) }"
    )


def test_operator_binds_as_the_compiler_would_have_it() -> None:
    source = "fn f() -> bool { a && b & c == d }"
    assert switched(source, ("BinaryOperator", "&&", "||"), ("BinaryOperator", "==", "!=")) == (
        "fn f() -> bool { (if on(0) { a || b & c == d } else { if on(1) { a && b & c != d }"
        " else { a && b & c == d } }) }"
    )


def test_several_of_one_place() -> None:
    source = "fn f(a: u8) -> bool { a < 3 }"
    assert switched(source, ("BinaryOperator", "<", ">"), ("BinaryOperator", "<", "==")) == (
        "fn f(a: u8) -> bool { (if on(0) { a > 3 } else { if on(1) { a == 3 } else { a < 3 } }) }"
    )


def test_body() -> None:
    source = "fn f() -> bool {\n    let é = 1;\n    é == 1\n}"
    assert switched(
        source, ("FnValue", "let é = 1;\n    é == 1", "true"), ("BinaryOperator", "==", "!=")
    ) == ("fn f() -> bool {if on(0) { true } else { let é = 1; (if on(1) { é != 1 } else { é == 1 }) }}")


def test_iterators_of_different_types() -> None:
    source = "fn f(&self) -> impl Iterator<Item = u8> { self.a.iter() }"
    assert switched(source, ("FnValue", "self.a.iter()", "empty()")) == (
        "fn f(&self) -> impl Iterator<Item = u8> {if on(0) { Either::One({empty() })}"
        " else { Either::Other({ self.a.iter() })}}"
    )


def test_arm_guard_and_field() -> None:
    source = "fn f() { match a { 1 if b => 2, 3 => 4, _ => 5 } }"
    assert switched(source, ("MatchArmGuard", "b", "true")) == (
        "fn f() { match a { 1 if (if on(0) { true } else { b }) => 2, 3 => 4, _ => 5 } }"
    )
    whole, cut = "match a { 1 if b => 2, 3 => 4, _ => 5 }", "match a { 1 if b => 2, _ => 5 }"
    assert switched(source, ("MatchArm", "3 => 4,", "")) == (
        f"fn f() {{ {{if on(0) {{ {cut} }} else {{ {whole} }}}} }}"
    )
    assert switched("fn f() -> A { A { b: 1, ..a } }", ("StructField", "b: 1,", "")) == (
        "fn f() -> A { (if on(0) { A { ..a } } else { A { b: 1, ..a } }) }"
    )


def test_no_switch_where_the_compiler_computes() -> None:
    assert unswitchable("const A: u8 = 1 + 2;", "BinaryOperator", "+", "-") == [7]
    assert unswitchable("const fn f() -> u8 { 1 }", "FnValue", "1", "0") == [7]
    assert unswitchable("static A: bool = 1 == 2;", "BinaryOperator", "==", "!=") == [7]


def test_no_switch_between_the_parts_of_a_chain() -> None:
    assert unswitchable("fn f() { if let Some(a) = b && a {} }", "BinaryOperator", "&&", "||") == [7]


SOURCE = "fn f() -> bool { g(a == b) && c }"
CHANGES = {3: ("&&", "||"), 4: ("==", "!=")}
FILE = put_in(SOURCE, {number: change("BinaryOperator", SOURCE, *it) for number, it in CHANGES.items()})


def error(code: str, *texts: str) -> Message:
    """An error at the last place with the first of these texts. The compiler points at the others as well."""

    def span(text: str) -> Message:
        start = FILE.text.rindex(text.encode())
        end = start + len(text.encode())
        is_primary = text == texts[0]
        return {
            "file_name": "a.rs",
            "byte_start": start,
            "byte_end": end,
            "is_primary": is_primary,
            "expansion": None,
        }

    return {"code": {"code": code}, "spans": [span(text) for text in reversed(texts)]}


def test_error_in_a_branch_is_that_of_the_mutant() -> None:
    assert blame(error("E0308", "a != b"), {"a.rs": FILE}) == ((4,), True)
    assert blame(error("E0308", "g(a == b) || c"), {"a.rs": FILE}) == ((3,), True)


def test_error_that_a_switch_may_have_caused_is_no_proof() -> None:
    assert blame(error("E0382", "a != b"), {"a.rs": FILE}) == ((4,), False)
    assert blame(error("E0308", "&& c"), {"a.rs": FILE}) == ((3,), False)
    assert blame(error("E0282", "fn f()", "a != b"), {"a.rs": FILE}) == ((4,), False)


def test_error_around_a_switch_is_that_of_the_switch() -> None:
    whole = FILE.text.decode()
    assert blame(error("E0271", whole), {"a.rs": FILE}) == ((3,), False)
    assert blame(error("E0271", "fn f()", whole[whole.index("{") :]), {"a.rs": FILE}) == ((3,), False)


def test_error_elsewhere_is_that_of_no_mutant() -> None:
    assert blame(error("E0308", "fn f()"), {"a.rs": FILE}) is None
    assert blame(error("E0308", "a != b"), {}) is None


def test_quick_tests_go_first_and_none_is_left_out() -> None:
    one, other = Path("one"), Path("other")
    seconds = {(one, f"t{number}"): 0.125 for number in range(20)} | {(other, "slow"): 9.0}
    found = list(portions(list(seconds), seconds))
    assert [(binary, len(names)) for binary, names, _ in found] == [(one, 3), (one, 8), (one, 9), (other, 1)]
    assert sorted((binary, name) for binary, names, _ in found for name in names) == sorted(seconds)
