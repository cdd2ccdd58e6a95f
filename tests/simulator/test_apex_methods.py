"""Methods of texts, collections, numbers, dates, and static ones."""

from collections.abc import Iterator

import pytest

from tests.rule_org import RuleOrg, rule_org
from tests.simulator.apex_scripts import failure, said, value


@pytest.fixture(name="org", scope="module")
def _org() -> Iterator[RuleOrg]:
    with rule_org() as org:
        yield org


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("'abc'.length()", "3"),
        ("' aB '.trim().toLowerCase() + 'x'.toUpperCase()", "abX"),
        ("'sonia'.capitalize()", "Sonia"),
        ("'abc'.reverse()", "cba"),
        ("'abc'.contains('b') && 'aBc'.containsIgnoreCase('B')", "true"),
        ("'abc'.startsWith('a') && 'Abc'.startsWithIgnoreCase('aB')", "true"),
        ("'abc'.endsWith('c') && 'abC'.endsWithIgnoreCase('Bc')", "true"),
        ("'a'.equalsIgnoreCase('A')", "true"),
        ("'a'.equalsIgnoreCase(null)", "false"),
        ("'a'.compareTo('b')", "-1"),
        ("'abcb'.indexOf('b') + ' ' + 'abcb'.indexOf('b', 2) + ' ' + 'abcb'.lastIndexOf('b')", "1 3 3"),
        ("'abc'.replace('b', 'x') + 'abc'.remove('b')", "axcac"),
        ("'abc'.removeStart('a') + 'abc'.removeEnd('c')", "bcab"),
        ("'abcd'.substring(1) + 'abcd'.substring(1, 3)", "bcdbc"),
        ("'a.b.c'.substringBefore('.') + 'a.b.c'.substringAfter('.')", "ab.c"),
        ("'a.b.c'.substringBeforeLast('.') + 'a.b.c'.substringAfterLast('.')", "a.bc"),
        ("'abc'.left(2) + 'abc'.right(2)", "abbc"),
        ("'7'.leftPad(3, '0') + '7'.rightPad(3) + '|'", "0077  |"),
        ("'ab'.repeat(2)", "abab"),
        ("'a,b,,'.split(',')", "(a, b)"),
        ("'a b'.split(' ', 2)", "(a, b)"),
        ("'12'.isNumeric() && 'ab'.isAlpha() && 'a1'.isAlphanumeric()", "true"),
        ("'abab'.countMatches('ab')", "2"),
        ("' a  b '.normalizeSpace() + ' a b '.deleteWhitespace()", "a bab"),
        ("String.valueOf(1.50) + String.valueOf(true) + String.valueOf(null)", "1.50truenull"),
        ("String.join(new List<Integer>{1, 2}, '-')", "1-2"),
        ("String.join(new Set<String>{'a'}, '-')", "a"),
        ("String.format('{0} of {1} {9}', new List<Object>{'a', 2})", "a of 2 {9}"),
        ("String.escapeSingleQuotes('O\\'Neil')", "O\\'Neil"),
        ("String.isBlank(' ') && String.isNotBlank('a') && String.isEmpty(null) && String.isNotEmpty(' ')", "true"),
        ("Id.valueOf('001000000000001').to15()", "001000000000001"),
        ("'001000000000001'.toString()", "001000000000001"),
        ("((Id) '001000000000001AAA').getSObjectType()", "Account"),
        ("Integer.valueOf('42') + Integer.valueOf(1.9) + Long.valueOf('1')", "44"),
        ("Decimal.valueOf('1.25').setScale(1) + Double.valueOf('1')", "2.3"),
        ("(-1.5).abs() + 1.25.scale()", "3.5"),
        ("2.5.round() + 3.5.round() + 1.9.intValue()", "7"),
        ("1.10.stripTrailingZeros()", "1.1"),
        ("1234567.format() + 1234.5.format()", "1,234,5671,234.5"),
        ("7.doubleValue() / 2", "3.5"),
        ("Math.abs(-3) + Math.max(1, 2) + Math.min(1, 2) + Math.mod(-7, 3)", "5"),
        ("Math.ceil(1.2) + Math.floor(1.8) + Math.round(2.5) + Math.roundToLong(1.5)", "7"),
        ("Boolean.valueOf('TRUE')", "true"),
        ("((Boolean) true).toString()", "true"),
    ],
)
def test_a_method_of_a_value_answers(org: RuleOrg, expression: str, text: str) -> None:
    assert value(org, expression) == text


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("Date.today()", "2026-03-01 00:00:00"),
        ("System.today().addDays(30).addMonths(-1).addYears(1)", "2027-02-28 00:00:00"),
        ("Date.valueOf('2026-05-06').format() + Date.newInstance(2026, 5, 6).year()", "5/6/20262026"),
        ("Date.newInstance(2026, 5, 6).month() + Date.newInstance(2026, 5, 6).day()", "11"),
        ("Date.newInstance(2026, 5, 6).daysBetween(Date.newInstance(2026, 5, 9))", "3"),
        ("Date.newInstance(2026, 5, 6).toStartOfMonth()", "2026-05-01 00:00:00"),
        ("Datetime.now()", "2026-03-01 12:30:00"),
        ("System.now().addHours(1).addMinutes(-30).addSeconds(5)", "2026-03-01 13:00:05"),
        ("Datetime.newInstance(2026, 1, 2, 3, 4, 5).format('yyyy-MM-dd HH:mm:ss')", "2026-01-02 03:04:05"),
        ("Datetime.newInstanceGmt(2026, 1, 2).date()", "2026-01-02 00:00:00"),
        ("Datetime.valueOf('2026-01-02 03:04:05').getTime()", "1767323045000"),
        ("Datetime.now().hour() + Datetime.now().minute() + Datetime.now().second()", "42"),
        ("Date.valueOf(Datetime.now())", "2026-03-01 00:00:00"),
    ],
)
def test_dates_are_counted(org: RuleOrg, expression: str, text: str) -> None:
    assert value(org, expression) == text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("List<Integer> l = new List<Integer>{3, null, 1}; l.add(2); l.sort(); System.debug(l);", "(null, 1, 2, 3)"),
        (
            "List<String> l = new List<String>{'b'}; l.add(0, 'a'); l.addAll(new Set<String>{'c'}); System.debug(l);",
            "(a, b, c)",
        ),
        (
            "List<String> l = new List<String>{'b'}; l.set(0, 'x'); System.debug(l.get(0) + l.remove(0) + l.size());",
            "xx0",
        ),
        (
            "List<String> l = new List<String>(); System.debug(l.isEmpty() && !l.contains('a') && l.indexOf('a') == -1);",
            "true",
        ),
        (
            "List<String> l = new List<String>{'a'}; List<String> m = l.clone(); l.clear(); System.debug(m.equals(l));",
            "false",
        ),
        (
            (
                "List<Contact> l = new List<Contact>{new Contact(LastName = 'b'), new Contact(LastName = 'a')}; l.sort();"
                " System.debug(l[0].LastName + l.deepClone()[1].LastName);"
            ),
            "ab",
        ),
        (
            "Set<String> s = new Set<String>{'a'}; System.debug(s.add('a') + ' ' + s.add('b') + ' ' + s.size());",
            "false true 2",
        ),
        (
            "Set<Integer> s = new Set<Integer>{1, 2, 3}; s.removeAll(new List<Integer>{1}); s.retainAll(new Set<Integer>{2}); System.debug(s);",
            "{2}",
        ),
        (
            "Set<Integer> s = new Set<Integer>{1}; System.debug(s.contains(1) && s.containsAll(new List<Integer>{1}) && s.remove(1));",
            "true",
        ),
        (
            "Set<Integer> s = new Set<Integer>(new List<Integer>{1, 1}); Set<Integer> t = s.clone(); s.clear(); System.debug(t.equals(s) + ' ' + t);",
            "false {1}",
        ),
        ("Set<Integer> s = new Set<Integer>(); System.debug(s.addAll(new List<Integer>{1}) && !s.isEmpty());", "true"),
        (
            "Map<String, Integer> m = new Map<String, Integer>(); m.put('a', 1); System.debug(m.put('a', 2) + m.get('a'));",
            "3",
        ),
        (
            "Map<String, Integer> m = new Map<String, Integer>{'a' => 1}; System.debug(m.keySet() + '' + m.values() + m.size());",
            "{a}(1)1",
        ),
        (
            "Map<String, Integer> m = new Map<String, Integer>{'a' => 1}; Map<String, Integer> n = m.clone(); n.putAll(new Map<String, Integer>{'b' => 2}); System.debug(n + '' + m.containsKey('b') + n.remove('b') + n.equals(m));",
            "{a=1, b=2}false2true",
        ),
        (
            "Map<String, Integer> m = new Map<String, Integer>(new Map<String, Integer>{'a' => 1}); m.clear(); System.debug(m.isEmpty());",
            "true",
        ),
        (
            "Map<String, List<Integer>> m = new Map<String, List<Integer>>{'a' => new List<Integer>()}; m.get('a').add(1); System.debug(m);",
            "{a=(1)}",
        ),
    ],
)
def test_collections_keep_what_they_are_given(org: RuleOrg, code: str, text: str) -> None:
    assert said(org, code) == [text]


def test_json_is_written_and_read(org: RuleOrg) -> None:
    code = """
        Account a = [SELECT Name, CreatedDate FROM Account WHERE Name = 'Acme'];
        System.debug(JSON.serialize(new Map<String, Object>{'a' => a.Name, 'b' => new List<Object>{1, 2.5, null, true}}));
        System.debug(JSON.serialize(new Contact(LastName = 'x', Birthdate = Date.newInstance(2000, 1, 2))));
        System.debug(((Map<String, Object>) JSON.deserializeUntyped('{"a": [1, {"b": "c"}]}')).get('a'));
        System.debug(JSON.serialize(a).contains('"url":"/services/data/v66.0/sobjects/Account/'));
        System.debug(JSON.serializePretty(new Set<Integer>{1}).contains('\\n'));
    """

    assert said(org, code) == [
        '{"a":"Acme","b":[1,2.5,null,true]}',
        '{"attributes":{"type":"Contact"},"LastName":"x","Birthdate":"2000-01-02"}',
        "(1, {b=c})",
        "true",
        "true",
    ]


def test_a_script_knows_who_runs_it_and_what_it_has_used(org: RuleOrg) -> None:
    code = """
        System.debug(UserInfo.getUserName() + UserInfo.getOrganizationName());
        Integer n = [SELECT COUNT() FROM Account];
        System.debug(Limits.getQueries() + ' of ' + Limits.getLimitQueries());
        System.debug(Limits.getDmlStatements() + ' of ' + Limits.getLimitDmlStatements());
        System.debug(UserInfo.getUserId() == [SELECT Id FROM User WHERE Username = :UserInfo.getUserName()].Id);
    """

    assert said(org, code) == ["admin@acme.exampleAcme", "1 of 100", "0 of 150", "true"]


def test_assertions_that_hold_say_nothing(org: RuleOrg) -> None:
    code = """
        System.assert(true); System.assertEquals(1, 1); System.assertNotEquals(1, 2);
        Assert.isTrue(true); Assert.isFalse(false); Assert.areEqual('a', 'A'); Assert.areNotEqual(1, 2);
        Assert.isNull(null); Assert.isNotNull(1); System.debug(LoggingLevel.WARN, 'end');
    """

    assert said(org, code) == ["end"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("'abc'.substring(2, 1);", "System.StringException: Starting position out of bounds: 2"),
        ("Date.newInstance(2026, 2, 30);", "System.TypeException: Invalid date: 2026-2-30"),
        ("Date.valueOf('x');", "System.TypeException: Invalid date: x"),
        ("Datetime.valueOf('x');", "System.TypeException: Invalid date/time: x"),
        ("Datetime.newInstance(2026, 13, 1);", "System.TypeException: Invalid date/time: 2026-13-1"),
        ("Decimal.valueOf('NaN');", "System.TypeException: Invalid decimal: NaN"),
        ("Decimal.valueOf('x');", "System.TypeException: Invalid decimal: x"),
        ("Math.mod(1, 0);", "System.MathException: Divide by 0"),
        ("Date.today().addYears(9999);", "System.TypeException: Invalid date: 2026-03-01 00:00:00"),
        (
            "((Id) '999000000000001AAA').getSObjectType();",
            "System.SObjectException: Cannot locate Apex Type for ID: 999000000000001AAA",
        ),
        ("new List<Integer>().remove(0);", "System.ListException: List index out of bounds: 0"),
        ("new List<Integer>().add(5, 1);", "System.ListException: List index out of bounds: 5"),
        (
            "new Map<Id, Contact>(new List<Contact>{new Contact()});",
            "System.ListException: Row with null Id at index: 0",
        ),
        ("Assert.isNull(1, 'm');", "System.AssertException: Assertion Failed: m"),
        ("Assert.isNotNull(null);", "System.AssertException: Assertion Failed"),
    ],
)
def test_a_method_that_can_not_answer_throws(org: RuleOrg, code: str, message: str) -> None:
    assert failure(org, code) == message


def test_json_that_is_none_throws(org: RuleOrg) -> None:
    assert str(failure(org, "JSON.deserializeUntyped('{');")).startswith("System.JSONException: Unexpected character")
