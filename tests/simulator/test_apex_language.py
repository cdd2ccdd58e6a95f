"""The language: values, operators, statements, methods, exceptions."""

from collections.abc import Iterator

import pytest

from tests.rule_org import RuleOrg, rule_org
from tests.simulator.apex_scripts import failure, problem, run, said, value


@pytest.fixture(name="org", scope="module")
def _org() -> Iterator[RuleOrg]:
    with rule_org() as org:
        yield org


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("7.0 / 2", "3.5"),
        ("1.0 / 3 < 0.34", "true"),
        ("10L * 3", "30"),
        ("1 + 'a' + null", "1anull"),
        ("'Ab' == 'aB'", "true"),
        ("'Ab'.equals('aB')", "false"),
        ("'a' < 'B'", "true"),
        ("null == null", "true"),
        ("1 <> 2", "true"),
        ("1 === 1 && !(2 !== 2)", "true"),
        ("false || true ? 'yes' : 'no'", "yes"),
        ("null ?? 'other'", "other"),
        ("5 & 3", "1"),
        ("5 | 3", "7"),
        ("5 ^ 3", "6"),
        ("1 << 4 >> 2", "4"),
        ("-8 >>> 28", "15"),
        ("~5", "-6"),
        ("true ^ true", "false"),
        ("+3", "3"),
        ("-2.5", "-2.5"),
        ("Date.newInstance(2026, 2, 27) + 2", "2026-03-01 00:00:00"),
        ("Date.newInstance(2026, 2, 27) < Date.newInstance(2026, 3, 1)", "true"),
        ("'a\\n\\u0041\\''", "a"),
        ("(Object) 'x' instanceof String", "true"),
        ("null instanceof String", "false"),
        ("new List<Integer>{1} instanceof List<Integer>", "true"),
        ("new Contact() instanceof SObject", "true"),
        ("(Decimal) 3", "3"),
        ("(Id) '001000000000001'", "001000000000001AAA"),
        ("Integer.MAX_VALUE", "2147483647"),
        ("new Integer[]{3, 4}[1]", "4"),
        ("new String[2]", "(null, null)"),
        ("new Map<String, Integer>{'a' => 1}.get('a')", "1"),
    ],
)
def test_an_expression_has_its_value(org: RuleOrg, expression: str, text: str) -> None:
    assert value(org, expression) == text


def test_a_whole_number_that_grows_too_large_begins_anew(org: RuleOrg) -> None:
    assert value(org, "i", "Integer i = 2147483647; i++;") == "-2147483648"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("Integer n = 0; for (Integer i = 0; i < 5; i++) n += i; System.debug(n);", "10"),
        (
            "Integer n = 0; for (Integer i : new List<Integer>{1, 2, 3}) { if (i == 2) continue; n += i; } System.debug(n);",
            "4",
        ),
        ("Integer n = 0; while (true) { n++; if (n > 3) break; } System.debug(n);", "4"),
        ("Integer n = 9; do { n++; } while (n < 5); System.debug(n);", "10"),
        ("Integer n = 5; n -= 2; n *= 4; n /= 3; System.debug(n--);", "4"),
        ("Integer n = 1; System.debug(++n + n++);", "4"),
        ("String s = 'b'; switch on s { when 'a', 'b' { System.debug(1); } when else { System.debug(2); } }", "1"),
        ("switch on 7 { when 1 { System.debug(1); } when else { System.debug(2); } }", "2"),
        ("Integer a = 1, b = a + 1; { Integer c = 3; b += c; } System.debug(b);", "5"),
        ("if (1 > 2) System.debug('no'); else if (true) System.debug('yes');", "yes"),
        ("for (;;) { System.debug('once'); break; }", "once"),
        ("final String s = 'x'; /* no */ System.debug(s); // end", "x"),
        ("System.debug('before'); return; System.debug('after');", "before"),
        ("for (String s : new Set<String>{'only'}) System.debug(s);", "only"),
        ("List<Integer> xs = new List<Integer>{1, 2}; xs[0] = 9; xs[1] += 3; System.debug(xs);", "(9, 5)"),
        ("INTEGER x = 1; SYSTEM.DEBUG(X);", "1"),
    ],
)
def test_a_statement_does_what_it_says(org: RuleOrg, code: str, text: str) -> None:
    assert said(org, code) == [text]


def test_methods_of_a_script_call_one_another_and_themselves(org: RuleOrg) -> None:
    code = """
        public static Integer doubled(Integer n) { return n * 2; }
        private Integer factorial(Integer n) { return n <= 1 ? 1 : n * factorial(n - 1); }
        void say(String text) { System.debug(text); }
        say('' + doubled(factorial(4)));
    """

    assert said(org, code) == ["48"]


def test_a_methods_variables_are_its_own(org: RuleOrg) -> None:
    assert problem(org, "void f() { System.debug(x); }\nInteger x = 1;\nf();")[2] == "Variable does not exist: x"


def test_an_exception_is_caught_by_its_class_or_by_exception(org: RuleOrg) -> None:
    code = """
        try { throw new IllegalArgumentException('bad'); }
        catch (DmlException e) { System.debug('wrong'); }
        catch (IllegalArgumentException e) { System.debug(e.getMessage() + e.getTypeName() + e.getLineNumber()); }
        finally { System.debug('last'); }
        try { String s; s.length(); } catch (Exception e) { System.debug(e); }
    """

    assert said(org, code) == [
        "badSystem.IllegalArgumentException2",
        "last",
        "System.NullPointerException: Attempt to de-reference a null object",
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("String s; s.length();", "System.NullPointerException: Attempt to de-reference a null object"),
        ("if (null) {}", "System.NullPointerException: Attempt to de-reference a null object"),
        ("Integer i; i = i + 1;", "System.NullPointerException: Attempt to de-reference a null object"),
        ("System.debug(1 / 0);", "System.MathException: Divide by 0"),
        ("System.debug(1.5 / 0);", "System.MathException: Divide by 0"),
        ("System.debug(new List<Integer>()[0]);", "System.ListException: List index out of bounds: 0"),
        ("Id i = 'x';", "System.StringException: Invalid id: x"),
        ("Integer.valueOf('x');", "System.TypeException: Invalid integer: x"),
        ("System.assert(false, 'no');", "System.AssertException: Assertion Failed: no"),
        ("System.assertEquals(1, 2);", "System.AssertException: Assertion Failed: Expected: 1, Actual: 2"),
        ("System.assertNotEquals(1, 1, 'm');", "System.AssertException: Assertion Failed: m: Same value: 1"),
        ("Assert.fail('x');", "System.AssertException: Assertion Failed: x"),
        ("throw new DmlException();", "System.DmlException: Script-thrown exception"),
        ("try { throw new DmlException('a'); } finally { System.debug('b'); }", "System.DmlException: a"),
    ],
)
def test_an_exception_that_nobody_catches_ends_the_script(org: RuleOrg, code: str, message: str) -> None:
    assert failure(org, code) == message


def test_the_place_of_an_exception_is_told(org: RuleOrg) -> None:
    outcome = run(org, "Integer a = 1;\n\nSystem.debug(a / 0);")

    assert (outcome.line, outcome.column) == (3, 1)
    assert outcome.exception_stack_trace == "AnonymousBlock: line 3, column 1"
    assert "FATAL_ERROR|System.MathException: Divide by 0" in outcome.log


@pytest.mark.parametrize(
    ("code", "place", "message"),
    [
        ("Integer a = ;", (1, 13), "Unexpected token ';'."),
        ("foo", (1, 4), "Unexpected token '<EOF>'."),
        ("System.debug('x'", (1, 17), "Unexpected token '<EOF>'."),
        ("Integer a = 'x';", (1, 9), "Illegal assignment from String to Integer"),
        ("String s = 1;", (1, 8), "Illegal assignment from Integer to String"),
        ("String s = 'a' == 'b';", (1, 8), "Illegal assignment from Boolean to String"),
        ("Integer a = 1;\nInteger A = 2;", (2, 9), "Duplicate variable: A"),
        ("a = 1;", (1, 1), "Variable does not exist: a"),
        ("Nothing x;", (1, 9), "Invalid type: Nothing"),
        ("List<Nothing> x;", (1, 15), "Invalid type: List<Nothing>"),
        ("Map<Id> x;", (1, 9), "Invalid type: Map<Id>"),
        ("Contact c = new Contact(Nothing = 1);", (1, 25), "Field does not exist: Nothing on Contact"),
        ("Contact c; c.Nothing = 1;", (1, 12), "Variable does not exist: Nothing"),
        ("foo();", (1, 1), "Method does not exist or incorrect signature: void foo()"),
        (
            "System.nothing();",
            (1, 1),
            "Method does not exist or incorrect signature: void nothing() from the type System",
        ),
        ("Nothing.run();", (1, 1), "Variable does not exist: Nothing"),
        ("void f(){} void F(){}", (1, 17), "Method already defined: F"),
        ("try { }", (1, 1), "Try must have a catch or finally block"),
        ("Integer i = 99999999999;", (1, 13), "Illegal integer"),
        ("String s = 'a\\qb';", (1, 12), "Invalid string literal 'a\\qb'. Illegal character sequence '\\q'."),
        ("String s = '\\ud800';", (1, 12), "Invalid string literal '\\ud800'. Illegal character sequence '\\ud800'."),
        ("merge a b;", (1, 7), "Variable does not exist: a"),
        ("Account a; merge a a;", (1, 12), "merge is not simulated"),
        ("for (Account a : 3) {}", (1, 1), "Loop must iterate over a collection: Integer"),
        ("if (1) {}", (1, 5), "Condition expression must be of type Boolean: Integer"),
        ("throw 1;", (1, 1), "Throw expression must be of type exception: Integer"),
        ("insert 'x';", (1, 1), "DML requires SObject or SObject list type"),
        ("1 = 2;", (1, 1), "Expression cannot be assigned"),
        ("Boolean b = true + 1;", (1, 18), "Operator + does not apply to Boolean and Integer"),
        ("Boolean b = 'x' > 1;", (1, 17), "Comparison arguments must be compatible types: String, Integer"),
        ("Boolean b = !1;", (1, 13), "Operator ! does not apply to Integer"),
        ("'x'.length(1);", (1, 5), "Method does not exist or incorrect signature: void length(Integer)"),
        ("List<Integer> l = new List<Integer>(); l.add('x');", (1, 40), "Illegal assignment from String to Integer"),
        ("Object o = new Map<Id, User>{1};", (1, 30), "Invalid initializer for type Map<Id,User>"),
        ("Object o = new List<Id>(1);", (1, 12), "Constructor not defined: [List<Id>].<Constructor>(Integer)"),
        ("Object o = new Contact('x');", (1, 24), "Invalid constructor syntax for SObject type: Contact"),
        ("Integer f(Integer a) { return a; } f();", (1, 36), "Method does not exist or incorrect signature: void f()"),
    ],
)
def test_a_script_that_is_wrong_is_told_its_place(
    org: RuleOrg, code: str, place: tuple[int, int], message: str
) -> None:
    assert problem(org, code) == (*place, message)


def test_a_script_that_would_not_compile_writes_nothing(org: RuleOrg) -> None:
    run(org, "insert new Account(Name = 'Too early');\nundeclared = 1;")

    assert value(org, "[SELECT COUNT() FROM Account WHERE Name = 'Too early']") == "0"


def test_a_script_that_is_too_large_is_not_compiled(org: RuleOrg) -> None:
    assert problem(org, " " * 32_001)[2] == "Script too large: 32001 characters, the maximum is 32000"


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("while (true) {}", "Apex CPU time limit exceeded"),
        ("for (;;) { try { Integer i = 1 / 0; } catch (Exception e) { } }", "Apex CPU time limit exceeded"),
        ("String s = 'x'; while (true) s += s;", "Apex heap size too large: 8388608"),
        ("'x'.repeat(99999999);", "Apex heap size too large: 99999999"),
        ("for (Integer i = 0; i < 101; i++) { Integer n = [SELECT COUNT() FROM User]; }", "Too many SOQL queries: 101"),
        ("for (Integer i = 0; i < 151; i++) { insert new Account(Name = 'x'); }", "Too many DML statements: 151"),
        (
            "List<Account> xs = new List<Account>(); for (Integer i = 0; i < 10001; i++) xs.add(new Account()); insert xs;",
            "Too many DML rows: 10001",
        ),
    ],
)
def test_a_limit_ends_the_script_past_every_catch(org: RuleOrg, code: str, limit: str) -> None:
    caught = f"try {{ {code} }} catch (Exception e) {{ System.debug(e); }}"

    assert failure(org, caught) == f"System.LimitException: {limit}"


def test_a_method_that_calls_itself_for_ever_ends_the_script(org: RuleOrg) -> None:
    code = "Integer f(Integer n) { return f(n + 1); } try { f(1); } catch (Exception e) { }"

    assert failure(org, code) == "System.LimitException: Maximum stack depth reached"
