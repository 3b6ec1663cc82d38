"""Just enough of PromQL to see which metrics and labels an expression names. Its syntax is promtool's to judge."""
import re
from dataclasses import dataclass, field

TOKEN = re.compile(r"""
    (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
  | (?P<number>\d[\w.]*)
  | (?P<name>[A-Za-z_:][\w:]*)
  | (?P<operator>=~|!~|!=|==|<=|>=|\S)
""", re.VERBOSE)
LABEL_LIST = {"by", "without", "on", "ignoring", "group_left", "group_right"}
OPERATORS = {"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan"}


@dataclass
class Selector:
    metric: str
    matchers: list = field(default_factory=list)  # (label, operator, value with its quotes)
    range: str | None = None
    function: str = ""  # the function or aggregation directly around it


@dataclass
class Expression:
    selectors: list
    grouping: list  # labels named by `by`, `on` and the like


def parse(text):
    tokens = [(match.lastgroup, match.group()) for match in TOKEN.finditer(text)]
    expression = Expression([], [])
    enclosing = []
    at = 0

    def symbol(position):
        return tokens[position][1] if position < len(tokens) else ""

    while at < len(tokens):
        kind, word = tokens[at]
        at += 1
        if word == ")" and enclosing:
            enclosing.pop()
        elif word == "(":
            enclosing.append("")
        elif kind != "name" or word.lower() in OPERATORS:
            continue
        elif word.lower() in LABEL_LIST:
            while symbol(at) not in (")", ""):
                if tokens[at][0] == "name":
                    expression.grouping.append(symbol(at))
                at += 1
            at += 1
        elif symbol(at) == "(":
            enclosing.append(word)
            at += 1
        elif symbol(at).lower() in ("by", "without"):
            at = _skip_grouping(tokens, at, expression)
            if symbol(at) == "(":
                enclosing.append(word)
                at += 1
        else:
            selector = Selector(word, function=enclosing[-1] if enclosing else "")
            at = _read_matchers(tokens, at, selector)
            if symbol(at) == "[":
                selector.range = symbol(at + 1)
                at += 3
            expression.selectors.append(selector)
    return expression


def _skip_grouping(tokens, at, expression):
    while at < len(tokens) and tokens[at][1] != ")":
        if tokens[at][0] == "name" and tokens[at][1].lower() not in LABEL_LIST:
            expression.grouping.append(tokens[at][1])
        at += 1
    return at + 1


def _read_matchers(tokens, at, selector):
    if at >= len(tokens) or tokens[at][1] != "{":
        return at
    at += 1
    while at < len(tokens) and tokens[at][1] != "}":
        if tokens[at][0] == "name" and at + 2 < len(tokens):
            selector.matchers.append((tokens[at][1], tokens[at + 1][1], tokens[at + 2][1]))
            at += 3
        else:
            at += 1
    return at + 1
