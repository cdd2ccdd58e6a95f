"""Rules of the org's own making, asked once the record is stored: triggers, validation rules, duplicate rules."""

from collections.abc import Iterator

from reconciler.simulator import messages
from reconciler.simulator.declared import Action, DuplicateRule, Trigger
from reconciler.simulator.errors import RowError, RowErrors
from reconciler.simulator.rules.mixed import mixed
from reconciler.simulator.rules.rule import ANY, EVERY, SAVE, Rule, Tag
from reconciler.simulator.soql.matching import meets
from reconciler.simulator.write import Write

_STANDARD = DuplicateRule("Contact", "Standard_Contact_Duplicate_Rule", ("LastName", "Email"))
"""What the setting `duplicate_contact_rule` switches on."""


def is_customised(write: Write) -> bool:
    """Whether the org has any rule of its own."""
    return bool(write.org.declared) or write.org.settings.duplicate_contact_rule


def _before_triggers_pass(write: Write) -> None:
    _run_triggers(write, "before")


def _after_triggers_pass(write: Write) -> None:
    _run_triggers(write, "after")


def _run_triggers(write: Write, time: str) -> None:
    """Errors that triggers add are told together; an exception ends everything, for the other rows too."""
    event = f"{time} {write.operation}"
    triggers = (item for item in write.org.declared.triggers if item.object == write.sobject.name and event in item.on)
    errors = [error for trigger in triggers if _meets(write, trigger.when) for error in _run(write, trigger, event)]
    _refuse(errors)


def _run(write: Write, trigger: Trigger, event: str) -> Iterator[RowError]:
    thrown = _dml_exception(write, trigger.updates) if trigger.updates else trigger.exception
    if thrown:
        name = trigger.name
        event_name = event.title().replace(" ", "")
        message = messages.TRIGGER_FAILED.format(name=name, event=event_name, exception=thrown)
        write.lookups.unhandled = RowError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)
        raise write.lookups.unhandled
    if trigger.error:
        fields = (trigger.field,) if trigger.field else ()
        yield RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", trigger.error, fields)


def _dml_exception(write: Write, updated: str) -> str | None:
    """What a trigger throws that updates a record of an object which can't share the transaction (F6.4)."""
    found = write.org.store.select(f'SELECT Id FROM "{updated}" ORDER BY Id LIMIT 1')
    refused = mixed(write.written, write.org.schema.objects[updated.lower()]) if found else None
    if refused is None:
        return None
    return messages.DML_EXCEPTION.format(id=found[0]["Id"], code=refused.code, message=refused.message)


def _validation_rules_hold(write: Write) -> None:
    """All of them are asked, and all that fail are told."""
    _refuse(
        [
            RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, (rule.field,) if rule.field else ())
            for rule in write.org.declared.validation_rules
            if rule.object == write.sobject.name and _meets(write, rule.when)
        ]
    )


def _is_no_duplicate(write: Write) -> None:
    standard = (_STANDARD,) if write.org.settings.duplicate_contact_rule else ()
    for rule in (*standard, *write.org.declared.duplicate_rules):
        is_overruled = rule.action == Action.ALERT and write.allow_duplicates
        if rule.object == write.sobject.name and not is_overruled and _has_twin(write, rule):
            raise RowError("DUPLICATES_DETECTED", rule.message)


def _has_twin(write: Write, rule: DuplicateRule) -> bool:
    """A record whose matched fields are all filled in, one of them anew, and another record with the same values."""
    values = {name: write.after.get(name) for name in rule.match}
    if None in values.values() or not write.changes(*rule.match):
        return False
    return any(other["Id"] != write.saved_id for other in write.org.store.find(rule.object, **values))


def _meets(write: Write, condition: str | None) -> bool:
    return condition is None or meets(write.org, write.sobject.name, condition, write.saved_id)


def _refuse(errors: list[RowError]) -> None:
    if len(errors) > 1:
        raise RowErrors(tuple(errors))
    if errors:
        raise errors[0]


_TRIGGERS = "https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_triggers_exceptions.htm"
_VALIDATION = "https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_validationformulas.htm"
_DUPLICATES = "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_duplicaterules.htm"

RULES: tuple[Rule, ...] = (
    Rule("before-triggers-pass", ANY, EVERY, _before_triggers_pass, "F9.6", Tag.DOCUMENTED, _TRIGGERS),
    Rule("validation-rules-hold", ANY, SAVE, _validation_rules_hold, "F9.6", Tag.DOCUMENTED, _VALIDATION),
    Rule(
        "record-is-no-duplicate",
        ANY,
        SAVE,
        _is_no_duplicate,
        "F5.5",
        Tag.DOCUMENTED,
        _DUPLICATES,
        ("duplicate_contact_rule",),
    ),
    Rule("after-triggers-pass", ANY, EVERY, _after_triggers_pass, "F9.6", Tag.DOCUMENTED, _TRIGGERS),
)
"""In Salesforce's order of execution.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_triggers_order_of_execution.htm
"""
