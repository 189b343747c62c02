"""The rule for Lambda's own API: a function of the stack answers as the one under test does."""

from collections.abc import Callable

from werkzeug.wrappers import Response

from .deployment import STACK
from .functions import Answer
from .proxy import Call, Forward, refuse

NAMES = {STACK.physical_name(logical): name for logical, name in STACK.functions().items()}


class Invocations:
    """The rule. Without functions, none is found."""

    def __init__(self) -> None:
        self.invoke: Callable[[str, bytes], Answer] | None = None

    def __call__(self, call: Call, forward: Forward) -> Response:
        if call.name != "lambda:InvokeFunction":
            return forward(call)
        function = NAMES.get(call.parameters["FunctionName"])
        if not function or not self.invoke:
            return refuse(call, "ResourceNotFoundException", "Function not found", 404)
        answer = self.invoke(function, call.parameters["Payload"])
        headers = {"X-Amz-Function-Error": "Unhandled"} if answer.error_type else {}
        return Response(answer.written(), headers=headers, mimetype="application/json")
