"""What AWS answers to the calls about a whole account, where the emulator lacks something or is too slow.

It reads the emulator's own record, and keeps beside it what that has no place for: passwords with dates of
their own, root, and the credential report, which is a snapshot that is up to four hours old.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime

from moto.iam.models import IAMBackend, User

from .aws_xml import PageRefused, element, members, moment, page, refusal, result
from .credential_report import Report, render
from .credentials import ROOT_ARN, VIRTUAL, Password, Root, utc_now
from .deployment import ACCOUNT
from .wire import Answer, Call


class Census:
    """Answers the calls about the whole account."""

    def __init__(self, iam: Callable[[], IAMBackend]) -> None:
        self._iam = iam
        self._answers: dict[str, Callable[[Call], Answer]] = {
            "iam:GenerateCredentialReport": self._generate_report,
            "iam:GetCredentialReport": self._get_report,
            "iam:GetAccountAuthorizationDetails": self._users,
            "iam:ListVirtualMFADevices": self._virtual_devices,
            "iam:GetAccountSummary": self._summary,
            "iam:GetLoginProfile": self._login_profile,
        }
        self.clear()

    def clear(self) -> None:
        """An account as on its first day."""
        self.root = Root()
        self.passwords: dict[str, Password] = {}
        # Virtual devices that belong to nobody any more.
        self.unassigned: dict[str, None] = {}
        self.report: Report | None = None
        # How often the next report answers that it is still being made.
        self.report_polls = 0
        # AWS may give fewer entries a page than it was asked for.
        self.page_limit = 1000

    def answer(self, call: Call) -> Answer | None:
        """The answer to a call about the whole account."""
        found = self._answers.get(call.name)
        # Details of anything but the users are the emulator's.
        if found is None or (call.action == "GetAccountAuthorizationDetails" and _filter(call) != {"User"}):
            return None
        try:
            return found(call)
        except PageRefused as error:
            return refusal("ValidationError", str(error))

    def password(self, user: User) -> Password | None:
        """The password of a user. One that came by way of the API is as old as the user."""
        if not user.password:
            return None
        return self.passwords.get(user.id) or Password(user.create_date, user.create_date)

    def _generate_report(self, call: Call) -> Answer:
        now = utc_now()
        if self.report is None or self.report.expired(now):
            self.report = Report(render(self._iam().users.values(), self.password, self.root), now)
            self.report.polls_left = self.report_polls
            says = "No report exists. Starting a new report generation task"
            return result(call, element("State", "STARTED") + element("Description", says))
        return result(call, element("State", "INPROGRESS" if self.report.polls_left else "COMPLETE"))

    def _get_report(self, call: Call) -> Answer:
        if self.report is None:
            return refusal("ReportNotPresent", "No report exists.", "410 Gone")
        if self.report.expired(utc_now()):
            return refusal("ReportExpired", "The report has expired.", "410 Gone")
        if self.report.polls_left:
            self.report.polls_left -= 1
            return refusal("ReportInProgress", "Report generation in progress", "404 Not Found")
        return result(
            call,
            element("Content", self.report.content)
            + element("ReportFormat", "text/csv")
            + element("GeneratedTime", moment(self.report.made)),
        )

    def _users(self, call: Call) -> Answer:
        shown, more = page(call, list(self._iam().users.values()), self.page_limit)
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for group in list(self._iam().groups.values()):
            for user in group.users:
                groups[user.id].append(group.name)
        details = (self._detail(user, groups.get(user.id, [])) for user in shown)
        return result(call, members("UserDetailList", details) + more)

    def _detail(self, user: User, groups: list[str]) -> str:
        policies = (
            element("PolicyName", policy.name) + element("PolicyArn", policy.arn)
            for policy in list(user.managed_policies.values())
        )
        return (
            _identity(user)
            + members("GroupList", groups)
            + members("AttachedManagedPolicies", policies)
            + members("Tags", self._tags(user))
        )

    def _tags(self, user: User) -> Iterator[str]:
        for key, value in self._iam().tagger.get_tag_dict_for_resource(user.arn).items():
            yield element("Key", key) + element("Value", value)

    def _virtual_devices(self, call: Call) -> Answer:
        status = call.parameters.get("AssignmentStatus", "Any")
        devices = {} if status == "Assigned" else {serial: "" for serial in self.unassigned}
        if status != "Unassigned":
            devices.update(self._assigned())
        shown, more = page(call, sorted(devices), self.page_limit)
        listed = (element("SerialNumber", serial) + devices[serial] for serial in shown)
        return result(call, members("VirtualMFADevices", listed) + more)

    def _assigned(self) -> Iterator[tuple[str, str]]:
        """The virtual devices that belong to somebody, each with what is told of it."""
        for serial in self.root.devices:
            if serial.startswith(VIRTUAL):
                owner = element("UserId", ACCOUNT) + element("Arn", ROOT_ARN)
                owner += element("CreateDate", moment(self.root.created))
                yield serial, _owned(owner, self.root.created)
        for user in list(self._iam().users.values()):
            for device in list(user.mfa_devices.values()):
                if device.serial_number.startswith(VIRTUAL):
                    yield device.serial_number, _owned(_identity(user), device.enable_date)

    def _summary(self, call: Call) -> Answer:
        iam = self._iam()
        figures = dict(iam.get_account_summary().summary_map)
        in_use = sum(1 for _ in self._assigned())
        figures |= {
            "AccountMFAEnabled": int(bool(self.root.devices)),
            "AccountAccessKeysPresent": int(bool(self.root.access_keys)),
            "AccountPasswordPresent": int(self.root.password),
            "MFADevicesInUse": in_use,
            "MFADevices": in_use + len(self.unassigned),
        }
        entries = (f"<entry><key>{key}</key><value>{value}</value></entry>" for key, value in figures.items())
        return result(call, f"<SummaryMap>{''.join(entries)}</SummaryMap>")

    def _login_profile(self, call: Call) -> Answer:
        name = call.parameters.get("UserName", "")
        user = self._iam().users.get(name)
        if user is None:
            return _no_such_entity(f"The user with name {name} cannot be found.")
        password = self.password(user)
        if password is None:
            return _no_such_entity(f"Login Profile for User {name} cannot be found.")
        profile = element("UserName", name) + element("CreateDate", moment(password.created))
        profile += element("PasswordResetRequired", str(user.password_reset_required).lower())
        return result(call, f"<LoginProfile>{profile}</LoginProfile>")


def _filter(call: Call) -> set[str]:
    return {value for key, value in call.parameters.items() if key.startswith("Filter.member.")}


def _identity(user: User) -> str:
    return (
        element("Path", user.path)
        + element("UserName", user.name)
        + element("UserId", user.id)
        + element("Arn", user.arn)
        + element("CreateDate", moment(user.create_date))
    )


def _owned(owner: str, enabled: datetime) -> str:
    return f"<User>{owner}</User>" + element("EnableDate", moment(enabled))


def _no_such_entity(message: str) -> Answer:
    return refusal("NoSuchEntity", message, "404 Not Found")
