"""The emulated IAM takes the tags that IAM takes, and keeps IAM's quotas."""

import pytest

from .clients import Clients, code, tags
from .deployment import GROUP_NAME, POLICY_ARN
from .emulator import Emulator


def test_tag_keys_have_no_case(client: Clients, aws: Emulator) -> None:
    iam = client("iam")
    iam.tag_user(UserName="dave", Tags=tags(Email="d@example.com", team="payments"))
    assert aws.account.users()["dave"].tags == {"Email": "d@example.com", "team": "payments"}
    iam.untag_user(UserName="dave", TagKeys=["EMAIL", "nothing"])
    assert aws.account.users()["dave"].tags == {"team": "payments"}
    twice = tags(team="a", Team="b")
    assert code(lambda: iam.tag_user(UserName="dave", Tags=twice)) == "InvalidInput"
    assert code(lambda: iam.create_user(UserName="new", Tags=twice)) == "InvalidInput"


@pytest.mark.parametrize(
    ("key", "value", "refused"),
    [
        ("k" * 128, "v" * 256, ""),
        ("straße:a/b=c+d-e@f_g.h", "中 ٣", ""),
        ("empty", "", ""),
        ("k" * 129, "v", "ValidationError"),
        ("k", "v" * 257, "ValidationError"),
        ("k", "one,two", "ValidationError"),
        ("k", "(one)", "ValidationError"),
        ("k", "one#two", "ValidationError"),
        ("k&l", "v", "ValidationError"),
        ("aws:k", "v", "InvalidInput"),
    ],
)
def test_tags_keep_to_characters_and_length(key: str, value: str, refused: str, client: Clients) -> None:
    iam, wanted = client("iam"), [{"Key": key, "Value": value}]
    assert code(lambda: iam.tag_user(UserName="bob", Tags=wanted)) == refused
    assert code(lambda: iam.create_user(UserName="new", Tags=wanted)) == refused


def test_user_has_fifty_tags_at_most(client: Clients, aws: Emulator) -> None:
    aws.administrator.fill_tags("bob", 50)
    iam = client("iam")
    assert code(lambda: iam.tag_user(UserName="bob", Tags=tags(one="more"))) == "LimitExceeded"
    assert code(lambda: iam.tag_user(UserName="bob", Tags=tags(EMAIL="b@example.com"))) == ""


def test_user_has_ten_policies_at_most(client: Clients, aws: Emulator) -> None:
    aws.account.attach_policies("bob", 10)
    role = client("iam", "sign-in")

    def attach() -> str:
        return code(lambda: role.attach_user_policy(UserName="bob", PolicyArn=POLICY_ARN))

    assert attach() == "LimitExceeded"
    aws.strict.allow(policies=11)
    # What is attached already takes no more room.
    assert [attach(), attach()] == ["", ""]


def test_user_has_ten_groups_at_most(client: Clients, aws: Emulator) -> None:
    aws.account.join_groups("bob", 10)
    role = client("iam", "sign-in")
    assert code(lambda: role.add_user_to_group(UserName="bob", GroupName=GROUP_NAME)) == "LimitExceeded"
    aws.administrator.call("RemoveUserFromGroup", UserName="bob", GroupName="bob-00")
    assert code(lambda: role.add_user_to_group(UserName="bob", GroupName=GROUP_NAME)) == ""


def test_moved_and_renamed_user_keeps_the_tags(aws: Emulator, client: Clients) -> None:
    before = aws.account.users()["bob"].tags
    aws.administrator.move("bob", "/break-glass/")
    aws.administrator.rename("bob", "robert")
    user = client("iam").get_user(UserName="robert")["User"]
    assert user["Arn"] == "arn:aws:iam::123456789012:user/break-glass/robert"
    assert aws.account.users()["robert"].tags == before
