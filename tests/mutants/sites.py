"""Places in C sources that can be changed, and what they can be changed to.

A change is (start, end, text): the bytes from start to end of the source become the text. Four kinds:
constants, comparisons (with && and ||), signs, and the values that functions return.
"""
import re

TOKEN = re.compile(r"""
    (?P<skip>/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | \s+)
  | (?P<directive>(?<![^\n])[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<char>'(?:\\x[0-9a-fA-F]+|\\[0-7]+|\\.|[^'\\])')
  | (?P<number>0[xX][0-9a-fA-F]+[uUlL]* | (?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?[fFlL]?
             | \d+[eE][+-]?\d+[fFlL]? | \d+[uUlL]*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<operator><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
""", re.X | re.S)
DEFINED = re.compile(r"[ \t]*#[ \t]*define[ \t]+\w+[ \t]+")
SWAPS = {"<": ("<=", ">"), "<=": ("<", ">"), ">": (">=", "<"), ">=": (">", "<"), "==": ("!=",),
         "!=": ("==",), "&&": ("||",), "||": ("&&",), "+=": ("-=",), "-=": ("+=",)}
SIZED = re.compile(r"^\s*(?:static\s+|const\s+|struct\s+|unsigned\s+|enum\s+)*\w+\s+(?:\*?\w+(?:\[[^]]*\])*,\s*)*"
                   r"\*?\w+(?:\[[^]]*\])*\[[^]]*$")


class Token:
    def __init__(self, kind, text, start):
        self.kind, self.text, self.start, self.end = kind, text, start, start + len(text)


def tokens(source, start=0, end=None):
    found = []
    end = len(source) if end is None else end
    while start < end:
        match = TOKEN.match(source, start, end)
        kind, text = match.lastgroup, match.group()
        if kind == "directive":
            defined = DEFINED.match(text)
            if defined:
                found += tokens(source, start + defined.end(), match.end())
        elif kind != "skip":
            found.append(Token(kind, text, start))
        start = match.end()
    return found


def numbers(text):
    """Other numbers than this one, written the same way."""
    digits = re.match(r"0[xX][0-9a-fA-F]+|[\d.]+(?:[eE][+-]?\d+)?", text).group()
    suffix = text[len(digits):]
    if digits[:2] in ("0x", "0X"):
        value = int(digits, 16)
        return ["0x%X%s" % (other, suffix) for other in {value + 1, max(value - 1, 0), value ^ 0x80} - {value}]
    if not digits.isdigit():
        value = float(digits)
        return ["%r%s" % (other, suffix) for other in (value * 1.5 or 1.0, value / 2, value + 1) if other != value]
    value = int(digits, 8 if digits[0] == "0" else 10) if set(digits) <= set("01234567") else int(digits)
    others = {value + 1, max(value - 1, 0)} | ({value * 10, value // 10} if value >= 10 else set())
    return ["%d%s" % (other, suffix) for other in sorted(others - {value})]


def in_declared_size(source, token):
    """A number in the size of an array that is declared: how large a buffer is tells nothing by itself."""
    line = source[source.rfind("\n", 0, token.start) + 1:token.start]
    return bool(SIZED.match(line)) and not line.strip().startswith(("return", "else", "case"))


def constants(source, found, i):
    token = found[i]
    around = [found[j].text if 0 <= j < len(found) else "" for j in (i - 1, i + 1)]
    if token.kind == "number":
        before = [t.text for t in found[max(i - 3, 0):i]]
        if around == ["{", "}"] or before[1:] == ["calloc", "("] or before[:1] == ["sizeof"] or \
                in_declared_size(source, token):
            return []
        return numbers(token.text)
    if token.kind == "char":
        return ["'~'" if token.text != "'~'" else "'z'", "(%s + 1)" % token.text]
    return {"true": ["false"], "false": ["true"]}.get(token.text, [])


def operators(found, i):
    token = found[i]
    if token.text in SWAPS:
        return list(SWAPS[token.text])
    if token.text not in ("+", "-") or not i:
        return []
    before = found[i - 1]
    if before.kind in ("number", "char") or before.text in (")", "]") or \
            before.kind == "word" and before.text not in ("return", "case"):
        return ["-" if token.text == "+" else "+"]
    return [" "] if token.text == "-" else []


def returned(source, found, i):
    """The value of a return, when it is more than a constant."""
    last = next((j for j in range(i, len(found)) if found[j].text == ";"), None)
    if last is None or last == i + 1:
        return None
    first, end = found[i + 1], found[last - 1]
    value = source[first.start:end.end]
    if value in ("true", "false", "NULL") or value.endswith("_OK") or last == i + 2 and first.kind in ("number", "char"):
        return None
    changes = ["0"]
    if first.text == "!" or any(t.text in SWAPS for t in found[i + 1:last]):
        changes.append("!(%s)" % value)
    return first.start, end.end, changes


def sites(source):
    """Every place as (start, end, [what it can become])."""
    found = tokens(source)
    places = []
    for i, token in enumerate(found):
        changes = operators(found, i) if token.kind == "operator" else constants(source, found, i)
        if changes:
            places.append((token.start, token.end, changes))
        if token.text == "return":
            value = returned(source, found, i)
            if value:
                places.append(value)
    return places
