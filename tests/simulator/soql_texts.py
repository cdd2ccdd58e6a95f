"""Texts that are nearly SOQL, and texts that are nothing of the kind; the same ones for the same seed."""

import random
import re
from collections.abc import Iterator

VALID = (
    "SELECT Id, Name, Account.Owner.Profile.Name FROM Contact WHERE LastName LIKE 'a%' AND Vip__c = true LIMIT 5",
    "SELECT Id FROM Contact WHERE (Score__c >= -1.5e2 OR Score__c IN (1, .5)) AND NOT FirstName IN ('a', 'B\\'')",
    "SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName DESC NULLS LAST LIMIT 2) FROM Account OFFSET 1",
    "SELECT Name, (SELECT Id, (SELECT Name FROM Users) FROM Contacts) FROM Account a, a.Owner o WHERE o.IsActive = true",
    "SELECT FirstName f, COUNT(Id), MAX(Score__c) m FROM Contact GROUP BY FirstName HAVING COUNT(Id) > 1 ORDER BY MAX(Score__c)",
    "SELECT Vip__c, FirstName, GROUPING(Vip__c) g, SUM(Score__c) FROM Contact GROUP BY CUBE(Vip__c, FirstName) LIMIT 9",
    "SELECT CALENDAR_YEAR(convertTimezone(CreatedDate)) y, COUNT_DISTINCT(Id) FROM User GROUP BY ROLLUP(CALENDAR_YEAR(convertTimezone(CreatedDate)))",
    "SELECT TYPEOF UserOrGroup WHEN User THEN Id, Profile.Name WHEN Group THEN Name ELSE Name, Type END FROM GroupMember",
    "SELECT UserOrGroup.Name, UserOrGroup.Type FROM GroupMember WHERE UserOrGroup.Type IN ('User', 'Queue')",
    "SELECT toLabel(UserType), FORMAT(CreatedDate) d, FORMAT(LastLoginDate) FROM User WHERE toLabel(UserType) != 'x'",
    "SELECT FIELDS(ALL) FROM Account USING SCOPE mine WHERE CreatedDate = LAST_N_DAYS:7 LIMIT 200 FOR VIEW, REFERENCE",
    "SELECT Id FROM User WHERE ContactId IN (SELECT Id FROM Contact WHERE Account.Name = 'x') AND CreatedDate < TODAY",
    "SELECT Id FROM Contact WHERE Languages__c INCLUDES ('a;b', 'c') AND Birthdate > 2020-01-01 AND Languages__c EXCLUDES ('d')",
    "SELECT Id FROM Contact WHERE Id IN :ids AND LastName = :names[0].trim() LIMIT :n OFFSET :(n - 1)",
    "SELECT Id FROM Account WHERE CreatedDate > 2026-01-01T00:00:00.123+01:00 AND AnnualRevenue > USD5 ALL ROWS",
    "SELECT Id FROM User WITH SECURITY_ENFORCED ORDER BY Profile.UserLicense.Name ASC NULLS FIRST, Id FOR UPDATE",
    "SELECT COUNT() FROM User WHERE Username = 'a\\u0041\\n' AND THIS_FISCAL_QUARTER = CreatedDate UPDATE VIEWSTAT",
)
"""Queries with every word of the language."""

_TOKEN = re.compile(r"\s+|'(?:\\.|[^'\\])*'|[A-Za-z_0-9.]+|.", re.DOTALL)
_TOKENS = tuple(sorted({token for text in VALID for token in _TOKEN.findall(text) if token.strip()}))
_OPENERS = (
    "(",
    "NOT ",
    "(SELECT Id FROM ",
    "f(",
    "Id IN (SELECT Id FROM A WHERE ",
    ":x(",
    ":x[",
    "-",
    "'",
    "((",
    "Id = (",
)


def texts(seed: int, number: int) -> Iterator[str]:
    """So many texts: most are queries made at random or spoilt a little, some are words, characters or deep nests."""
    chance = random.Random(seed)
    makers = (_made, _made, _made, _kin, _kin, _kin, _spoilt, _soup, _noise, _nest)
    for _ in range(number):
        yield chance.choice(makers)(chance)


_FIELDS = (
    *(
        "Id",
        "Name",
        "LastName",
        "FirstName",
        "Score__c",
        "Vip__c",
        "Languages__c",
        "Birthdate",
        "CreatedDate",
        "Secret__c",
    ),
    *("AccountId", "OwnerId", "Account.Name", "Account.Owner.Profile.UserType", "Owner.IsActive", "a.Name", "Nothing"),
    *("MailingAddress", "Description", "UserOrGroup.Name", "UserOrGroup.Type", "UserType", "NumberOfEmployees"),
)
_FUNCTIONS = (
    *("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX", "GROUPING", "toLabel", "FORMAT", "convertCurrency"),
    *("CALENDAR_YEAR", "FISCAL_QUARTER", "WEEK_IN_YEAR", "DAY_ONLY", "HOUR_IN_DAY", "DAY_IN_WEEK", "NO_SUCH"),
)
_LITERALS = (
    *(
        "'Lee'",
        "'a%'",
        "''",
        "'\\'\\u00e9'",
        "null",
        "true",
        "FALSE",
        "0",
        "-2.5",
        "1e3",
        "99999999999999999999",
        "TODAY",
    ),
    *("LAST_N_DAYS:3", "NEXT_FISCAL_YEAR", "N_WEEKS_AGO:2", "2026-03-01", "2026-02-30", "2026-03-01T00:00:00Z", "EUR5"),
    *("'001000000000001AAA'", "'005000000000001'", ":name", ":list.get(0)", "LAST_N_YEARS:n"),
)
_OBJECTS = ("Contact", "Contact", "Account", "Account a", "User", "GroupMember", "Contact c, c.Account a", "Nothing")
_COMPARED = ("=", "!=", "<", ">=", "LIKE")
_LISTED = ("IN", "NOT IN", "INCLUDES", "EXCLUDES")


def _made(chance: random.Random) -> str:
    """A query that the grammar allows; whether it means anything is another matter."""
    groups = [_operand(chance) for _ in range(chance.randint(0, 3))] if chance.random() < 0.4 else []
    items = [_operand(chance) + chance.choice(("", "", " x", " y")) for _ in range(chance.randint(1, 3))]
    if groups and chance.random() < 0.8:
        items = [*groups, f"COUNT({chance.choice(_FIELDS)})"]
    elif chance.random() < 0.2:
        items.append(f"(SELECT {chance.choice(_FIELDS)} FROM Contacts LIMIT {chance.randint(0, 3)})")
    by = chance.choice(("{}", "{}", "ROLLUP({})", "CUBE({})")).format(", ".join(groups))
    parts = [
        f"SELECT {', '.join(items)} FROM {chance.choice(_OBJECTS)}",
        f"WHERE {_condition(chance, 3)}" if chance.random() < 0.7 else "",
        f"GROUP BY {by}" if groups else "",
        f"HAVING {_condition(chance, 1)}" if groups and chance.random() < 0.3 else "",
        f"ORDER BY {_operand(chance)} DESC" if chance.random() < 0.4 else "",
        f"LIMIT {chance.randint(0, 9)}" if chance.random() < 0.3 else "",
        chance.choice(("", "", "", "FOR VIEW", "FOR REFERENCE", "ALL ROWS")),
    ]
    return " ".join(part for part in parts if part)


def _operand(chance: random.Random) -> str:
    field = chance.choice(_FIELDS)
    if chance.random() < 0.6:
        return field
    function = chance.choice(_FUNCTIONS)
    inner = f"convertTimezone({field})" if chance.random() < 0.1 else field
    return f"{function}({inner})"


def _condition(chance: random.Random, depth: int) -> str:
    choice = chance.random()
    if depth and choice < 0.3:
        word = chance.choice((" AND ", " OR "))
        return "(" + word.join(_condition(chance, depth - 1) for _ in range(chance.randint(2, 3))) + ")"
    if depth and choice < 0.4:
        return f"NOT {_condition(chance, depth - 1)}"
    if choice < 0.6:
        values = chance.choice((":list", f"({', '.join(chance.choices(_LITERALS, k=chance.randint(1, 3)))})"))
        return f"{_operand(chance)} {chance.choice(_LISTED)} {values}"
    return f"{_operand(chance)} {chance.choice(_COMPARED)} {chance.choice(_LITERALS)}"


_KINDS = (_FIELDS, _FUNCTIONS, _LITERALS, _COMPARED, _LISTED, _OBJECTS)


def _kin(chance: random.Random) -> str:
    """A query of which some words are others of their kind."""
    tokens = _TOKEN.findall(chance.choice(VALID))
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(tokens))
        kind = next((kind for kind in _KINDS if tokens[place] in kind), None)
        if kind is not None:
            tokens[place] = chance.choice(kind)
    return "".join(tokens)


def _spoilt(chance: random.Random) -> str:
    tokens = _TOKEN.findall(chance.choice(VALID))
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(tokens) + 1)
        match chance.randrange(6):
            case 0:
                del tokens[place : place + chance.randint(1, 3)]
            case 1:
                tokens[place:place] = [" ", chance.choice(_TOKENS), " "]
            case 2:
                tokens[place : place + 1] = [chance.choice(_TOKENS)]
            case 3:
                tokens[place:place] = tokens[place : place + chance.randint(1, 9)]
            case 4:
                other = _TOKEN.findall(chance.choice(VALID))
                tokens[place:] = other[chance.randrange(len(other)) :]
            case _:
                tokens[place:place] = [_character(chance)]
    return "".join(tokens)


def _soup(chance: random.Random) -> str:
    words = (chance.choice(_TOKENS) for _ in range(chance.randint(1, 40)))
    start = chance.choice(("", "SELECT ", "SELECT Id FROM Contact WHERE ", "SELECT Id FROM Account GROUP BY "))
    return start + " ".join(words)


def _noise(chance: random.Random) -> str:
    return "".join(_character(chance) for _ in range(chance.randint(0, 80)))


def _nest(chance: random.Random) -> str:
    opener = chance.choice(_OPENERS)
    depth = chance.choice((3, 20, 49, 60, 2_000))
    start = chance.choice(("SELECT Id FROM Contact WHERE ", "SELECT ", "SELECT Id FROM Contact WHERE Id = "))
    return (start + opener * depth + "Id = null" + ")" * chance.choice((0, depth)))[:100_001]


def _character(chance: random.Random) -> str:
    return chr(
        chance.choice((chance.randrange(32, 127), chance.randrange(0x250), chance.randrange(0x110000), 39, 40, 41))
    )
