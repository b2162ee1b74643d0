"""The author's rule: which scenarios a certificate takes. Read from course-rule.yml."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from onsite.certificate.fonts import Region
from onsite.scenario.errors import OnsiteError


class Rule(BaseModel):
    """needed: the scenarios that must be passed (None: all); leave_out: those of them that need not be.

    course, about, issued_by, signed_by: what stands on the certificate; the last two may be empty.
    chinese_characters: as which place draws them they are drawn, where a name itself does not tell.
    """

    model_config = ConfigDict(extra="forbid")

    needed: list[str] | None = None
    leave_out: list[str] = Field(default_factory=list)
    course: str = Field(default="Onsite", min_length=1, max_length=60)
    about: str = Field(default="", max_length=100)
    issued_by: str = Field(default="", max_length=100)
    signed_by: str = Field(default="", max_length=100)
    chinese_characters: Region = "simplified"

    def slugs(self, known: Sequence[str]) -> list[str]:
        """The scenarios a certificate takes, of those the course has."""
        return [slug for slug in (known if self.needed is None else self.needed) if slug not in self.leave_out]


def read_rule(path: Path, known: Sequence[str]) -> Rule:
    """The rule at `path`, or the default when there is none. Raises OnsiteError with what is wrong in it."""
    try:
        said = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        said = {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise OnsiteError(f"{path} cannot be read as YAML: {error}") from error
    try:
        rule = Rule.model_validate(said or {})
    except ValidationError as error:
        first = error.errors()[0]
        place = " > ".join(map(str, first["loc"])) or "the file"
        keys = ", ".join(Rule.model_fields)
        raise OnsiteError(f"{path}, {place}: {first['msg']}. The keys are {keys}.") from error
    if unknown := [slug for slug in [*(rule.needed or ()), *rule.leave_out] if slug not in known]:
        raise OnsiteError(f"{path} names the scenario '{unknown[0]}', and there is none of this name in solutions/.")
    if not rule.slugs(known):
        raise OnsiteError(f"{path} leaves no scenario that a certificate would take. Name at least one.")
    return rule
