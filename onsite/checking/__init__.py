"""`course.py check`: every scenario of a course examined, and what was found put into words or JSON."""

from onsite.checking.course import Outcome, check_course
from onsite.checking.words import course_as_json, finding_lines, scenario_lines

__all__ = ["Outcome", "check_course", "course_as_json", "finding_lines", "scenario_lines"]
