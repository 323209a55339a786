"""What is wrong, in words: one sentence for each constraint component."""

from __future__ import annotations

from rdflib.namespace import SH
from rdflib.term import Node

from ..i18n import Message

PROBLEMS: dict[Node, Message] = {
    SH.MinCountConstraintComponent: Message("“%(field)s” is missing"),
    SH.MaxCountConstraintComponent: Message("“%(field)s” has more values than it may have"),
    SH.QualifiedMinCountConstraintComponent: Message("“%(field)s” lacks a value of the right kind"),
    SH.UniqueLangConstraintComponent: Message(
        "“%(field)s” has more than one text in the same language"
    ),
    SH.DatatypeConstraintComponent: Message("“%(field)s” is not written as it must be"),
    SH.PatternConstraintComponent: Message("“%(field)s” is not written as it must be"),
    SH.NodeKindConstraintComponent: Message("“%(field)s” is not written as it must be"),
    SH.MinInclusiveConstraintComponent: Message("“%(field)s” is too low"),
    SH.MaxInclusiveConstraintComponent: Message("“%(field)s” is too high"),
    SH.ClassConstraintComponent: Message("“%(field)s” refers to something of another kind"),
    SH.NodeConstraintComponent: Message("“%(field)s” has a value that is not among those allowed"),
    SH.OrConstraintComponent: Message("“%(field)s” has a value that is not among those allowed"),
    SH.InConstraintComponent: Message("“%(field)s” has a value that is not among those allowed"),
    SH.NotConstraintComponent: Message("“%(field)s” has a value that must not stand there"),
    SH.DisjointConstraintComponent: Message("“%(field)s” is the same as another field"),
    SH.EqualsConstraintComponent: Message("“%(field)s” differs from another field"),
}
FEWER = Message("“%(field)s” has too few values")
NO_LANGUAGE = Message("the text in “%(field)s” does not say its language")
OTHER_LANGUAGE = Message("the text in “%(field)s” is in a language that cannot be used here")
RULE = Message("the rule “%(rule)s” is not kept")
