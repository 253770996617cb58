"""Nouns for the people and animals close to somebody."""

from typing import Final

from ricordo.adapters.builtin.extraction.tokens import vocabulary

FEMALE: Final = vocabulary(
    "sister mother mom mum mommy wife daughter aunt grandmother grandma niece girlfriend stepmother stepsister fiancée"
)
MALE: Final = vocabulary(
    "brother father dad daddy husband son uncle grandfather grandpa nephew boyfriend stepfather stepbrother fiancé"
)
EITHER: Final = vocabulary("""
    friend partner boss colleague coworker neighbor neighbour roommate flatmate cousin child kid baby
    teacher doctor dentist therapist manager landlord coach mentor grandchild fiance spouse toddler
    """)
PETS: Final = vocabulary("dog cat puppy kitten parrot hamster rabbit horse turtle bird pony tortoise goldfish pet")
PEOPLE: Final = FEMALE | MALE | EITHER

# What the owner of "X's <noun>" is to the one named, as the type of a relation.
RELATION_TYPES: Final = {
    **dict.fromkeys(("sister", "brother", "stepsister", "stepbrother"), "has_sibling"),
    **dict.fromkeys(("mother", "mom", "mum", "father", "dad", "stepmother", "stepfather"), "has_parent"),
    **dict.fromkeys(("daughter", "son", "child", "kid", "baby", "toddler"), "has_child"),
    **dict.fromkeys(("wife", "husband", "spouse"), "married_to"),
    **dict.fromkeys(("girlfriend", "boyfriend", "partner", "fiancé", "fiancée", "fiance"), "has_partner"),
    **dict.fromkeys(("grandmother", "grandma", "grandfather", "grandpa"), "has_grandparent"),
    **dict.fromkeys(("aunt", "uncle", "cousin", "niece", "nephew"), "has_relative"),
    **dict.fromkeys(PETS, "has_pet"),
    "friend": "has_friend",
    **dict.fromkeys(("colleague", "coworker"), "works_with"),
    **dict.fromkeys(("boss", "manager"), "reports_to"),
    **dict.fromkeys(("neighbor", "neighbour"), "neighbour_of"),
    **dict.fromkeys(("roommate", "flatmate"), "lives_with"),
}
