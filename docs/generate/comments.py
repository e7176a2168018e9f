"""What the comments of churn.toml say about its keys and tables."""

import re

HEADER = re.compile(r"\[([a-z_.]+)\]")
# A key, which is commented out where it has no default, and the comment in its line.
KEY = re.compile(r'(?:# )?([a-z_]+) = (?:"[^"]*"|[^"#])+?(?:  # (.+))?')

Comments = dict[tuple[str, str], str]


def comments(text: str) -> Comments:
    """
    Return the comment of each key and table that has one, by the table it stands in and its name.

    A comment in the line of a key is its own. One above, without an empty line between them, is of
    the table that begins there, or of every key down to the next empty line that has none.

    Args:
        text: The file; a table `[a.b]` stands in `a`, and `[a]` in the empty string.
    """
    found: Comments = {}
    table, above = "", ""
    for line in text.splitlines():
        if header := HEADER.fullmatch(line):
            table = header[1]
            outer, _, name = table.rpartition(".")
            found[outer, name], above = above, ""
        elif key := KEY.fullmatch(line):
            found[table, key[1]] = key[2] or above
        elif line.startswith("# "):
            above = f"{above} {line.removeprefix('# ')}".strip()
        else:
            above = ""

    return {name: comment for name, comment in found.items() if comment}
